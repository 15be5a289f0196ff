"""What schedules.yaml means: the example as it stands, and each rule of the grammar on a plan of its own."""

import dataclasses
import hashlib
import time as clock
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.inbox import Inbox
from channels.loudspeaker import Loudspeaker
from content.values import Rate, Secret
from content.yaml12 import Mistakes
from publisher.cadence import Cadence, DateRange, Days, Every, IfHoliday, Late, Nth, Quiet, Then, Unit
from publisher.schedules import Approval, Feed, Pick, load, load_folder
from tests.plain_kinds import KINDS
from tests.plans import EXAMPLE, HEAD, ZONE, one, plan, reader, table


def cadence(keys: str) -> Cadence:
    return one(f"content: a.md, at: 08:00, to: web, {keys}").schedules[0].cadence


def test_the_example_means_what_it_says() -> None:
    found = load_folder(EXAMPLE)
    assert found.warnings == ()
    assert str(found.timezone) == "Asia/Ho_Chi_Minh"
    assert found.holidays == "VN"
    assert list(found.agencies) == ["so-tttt", "vhtt-dak-mil", "vhtt-cu-jut", "bao-dak-nong"]
    assert found.agencies["vhtt-cu-jut"].parent == "so-tttt"
    assert found.groups["so"] == ("cong-so", "telegram-tinh")
    assert set(found.sources) == {"schedules.yaml", "channels.yaml"}
    campaign = found.campaigns["song-va-may-tinh"]
    assert campaign.title == "Sóng và máy tính cho em"
    assert campaign.document == "56/KH-UBND"
    assert (campaign.first, campaign.last) == (date(2022, 2, 14), date(2022, 5, 31))
    assert campaign.approval is Approval.ONCE_PER_TEXT
    assert campaign.facts == {"hotline": "0261 3543 543"}
    assert found.schedules == campaign.schedules


def test_the_schedules_of_the_example() -> None:
    by_name = {schedule.id.split("/")[1]: schedule for schedule in load_folder(EXAMPLE).schedules}
    assert list(by_name) == [
        "loa",
        "bai-tuan",
        "guong",
        "nhac-bao-cao",
        "moc[khai-mac.md|2022-02-14]",
        "moc[tri-an.md|2022-03-08]",
        "tin-bo",
        "nhac-loa",
    ]
    loa = by_name["loa"]
    assert loa.content == "loa/"
    assert loa.to == ("loa-dak-mil", "loa-cu-jut")
    assert loa.cadence.days == Days(weekdays=frozenset(range(5)))
    assert (loa.cadence.at_sessions, loa.cadence.times) == (True, ())
    assert loa.cadence.except_holidays
    assert loa.cadence.excepted == (DateRange(date(2022, 4, 15), date(2022, 4, 15)),)
    assert loa.place == ("schedules.yaml", 19, 7)
    assert loa.content_place == ("schedules.yaml", 20, 18)
    weekly = by_name["bai-tuan"]
    assert weekly.cadence.every == Every(2, Unit.WEEKS)
    assert weekly.cadence.anchor == date(2022, 2, 14)
    assert weekly.spread == timedelta(minutes=10)
    assert weekly.to == ("cong-so", "telegram-tinh", "bao")
    assert by_name["guong"].pick is Pick.RANDOM
    assert by_name["guong"].rest == timedelta(days=5)
    assert by_name["nhac-bao-cao"].cadence.if_holiday is IfHoliday.BEFORE
    row = by_name["moc[tri-an.md|2022-03-08]"]
    assert row.name == "song-va-may-tinh/moc"
    assert row.place == ("schedules.yaml", 47, 11)
    feed = by_name["tin-bo"]
    assert feed.content is None
    assert feed.feed == Feed("https://bo.example.gov.vn/rss.xml", ("Sóng và máy tính",), 2)
    assert feed.cadence.times == (time(6, 30), time(11, 30), time(16, 30))
    assert by_name["nhac-loa"].cadence.cron == "30 6 1 * *"
    for schedule in by_name.values():
        assert schedule.late == Late(timedelta(minutes=30), Then.SKIP)
        assert schedule.quiet == (Quiet(time(21), time(5)),)


def test_the_channels_of_the_example() -> None:
    channels = load_folder(EXAMPLE).channels
    assert channels["cong-so"].effective_rate == Rate(30, 60)
    assert channels["cong-so"].secrets == (Secret("CONG_SO_PASSWORD"),)
    speaker = channels["loa-dak-mil"]
    assert isinstance(speaker, Loudspeaker)
    assert speaker.sessions == (time(5, 15), time(17))
    assert speaker.ready == timedelta(hours=12)
    assert isinstance(channels["bao"], Inbox)
    assert load_folder(EXAMPLE).place_of_channel("telegram-tinh") == ("channels.yaml", 23, 3)
    assert all(name == channel.name for name, channel in channels.items())


def test_a_plan_that_is_kept_elsewhere_is_the_same_plan() -> None:
    found = load_folder(EXAMPLE)
    again = load(lambda path: found.sources[path])
    assert again == found
    assert again.sha256 == found.sha256
    changed = {**found.sources, "channels.yaml": found.sources["channels.yaml"] + b"#"}
    assert load(lambda path: changed[path]).sha256 != found.sha256


def test_included_files_are_relative_to_the_file_that_includes_them() -> None:
    found = load(
        reader(
            {
                "schedules.yaml": f"{ZONE}include: plans/2022.yaml\ncampaigns: {{}}\n",
                "plans/2022.yaml": "include: [more/web.yaml, ../agencies.yaml]\n",
                "plans/more/web.yaml": "channels: {web: {kind: box, agency: so}}\n",
                "agencies.yaml": "agencies: {so: {name: Sở}}\n",
            }
        ),
        kinds=KINDS,
    )
    assert list(found.channels) == ["web"]
    assert set(found.sources) == {"schedules.yaml", "plans/2022.yaml", "plans/more/web.yaml", "agencies.yaml"}


def test_a_section_may_stand_in_several_files() -> None:
    more = "campaigns:\n  khac: {title: Khác, schedules: {s: {content: b.md, at: 09:00, to: web}}}\n"
    found = plan(f"include: more.yaml\n{HEAD}      s: {{content: a.md, at: 08:00, to: web}}\n", more=more)
    assert [schedule.id for schedule in found.schedules] == ["song/s", "khac/s"]
    assert found.schedules[1].place == ("more.yaml", 2, 35)


def test_a_missing_plan_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(Mistakes) as raised:
        load_folder(tmp_path)
    (mistake,) = raised.value.mistakes
    assert (mistake.file, mistake.line, mistake.column) == ("schedules.yaml", 1, 1)
    assert "no such file" in mistake.text
    assert "timezone: Asia/Ho_Chi_Minh" in mistake.text


def test_a_huge_plan_is_refused_quickly(tmp_path: Path) -> None:
    (tmp_path / "schedules.yaml").write_bytes(b"[" * 10_000_000)
    begun = clock.process_time()
    with pytest.raises(Mistakes, match="larger than 2 MiB"):
        load_folder(tmp_path)
    assert clock.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon", Days(weekdays=frozenset({0}))),
        ("Sunday", Days(weekdays=frozenset({6}))),
        ("weekend", Days(weekdays=frozenset({5, 6}))),
        ("14", Days(month_days=frozenset({14}))),
        ("last", Days(last_of_month=True)),
        ("2nd tue", Days(nths=frozenset({Nth(2, 1)}))),
        ("last   Friday", Days(nths=frozenset({Nth(-1, 4)}))),
        ("2022-02-14", Days(dates=frozenset({date(2022, 2, 14)}))),
        (
            "[1, mon, tue, last, 5th wed, 2022-03-08]",
            Days(frozenset({0, 1}), frozenset({1}), True, frozenset({Nth(5, 2)}), frozenset({date(2022, 3, 8)})),
        ),
    ],
)
def test_days(written: str, days: Days) -> None:
    assert cadence(f"days: {written}").days == days


@given(st.dates(date(2022, 2, 14), date(2022, 5, 31)))
@settings(max_examples=30)
def test_every_date_is_its_own_day(day: date) -> None:
    assert cadence(f"days: {day}").days == Days(dates=frozenset({day}))


def test_every_counts_from_the_nearest_from() -> None:
    assert cadence("every: 1 month").anchor == date(2022, 2, 14)
    narrowed = cadence("every: 3 days, from: 2022-03-01, until: 2022-04-01")
    assert narrowed.every == Every(3, Unit.DAYS)
    assert (narrowed.anchor, narrowed.first, narrowed.last) == (date(2022, 3, 1), date(2022, 3, 1), date(2022, 4, 1))


def test_exceptions() -> None:
    found = cadence("except: [2022-04-30..2022-05-03, holidays], if_holiday: skip")
    assert found.excepted == (DateRange(date(2022, 4, 30), date(2022, 5, 3)),)
    assert found.except_holidays
    assert not cadence("except: 2022-04-30").except_holidays


def test_groups_are_flattened_and_the_first_mention_keeps_its_place() -> None:
    found = one("content: a.md, at: 08:00, to: [hop, tat-ca, web, trang]")
    assert found.groups == {"tat-ca": ("bao", "web"), "trang": ("web", "bao")}
    assert found.schedules[0].to == ("hop", "bao", "web")


def test_a_chain_of_groups_and_agencies_may_be_longer_than_the_stack() -> None:
    count = 3000
    groups = "".join(f"  g{n}: g{n + 1}\n" for n in range(count)) + f"  g{count}: web\n"
    agencies = "".join(f"  a{n}: {{name: N, parent: a{n + 1}}}\n" for n in range(count)) + f"  a{count}: {{name: N}}\n"
    found = plan(
        f"{ZONE}campaigns:\nagencies:\n{agencies}channels: {{web: {{kind: box, agency: a0}}}}\ngroups:\n{groups}"
    )
    assert found.groups["g0"] == ("web",)


def test_what_a_schedule_says_replaces_the_defaults() -> None:
    defaults = 'defaults: {late: {grace: 2h, then: ask}, quiet: ["21:00-05:00", "12:00-13:00"]}\n'
    rows = [
        "      a: {content: a.md, at: 08:00, to: web}",
        "      b: {content: a.md, at: 08:00, to: web, quiet: [], late: {then: send}}",
        "      c: {content: a.md, at: 08:00, to: web, quiet: 22:00-04:00, late: {grace: 5m}}",
    ]
    found = plan(HEAD + "\n".join(rows) + "\n" + defaults).schedules
    assert [schedule.quiet for schedule in found] == [
        (Quiet(time(21), time(5)), Quiet(time(12), time(13))),
        (),
        (Quiet(time(22), time(4)),),
    ]
    assert [schedule.late for schedule in found] == [
        Late(timedelta(hours=2), Then.ASK),
        Late(timedelta(hours=2), Then.SEND),
        Late(timedelta(minutes=5), Then.ASK),
    ]


def test_without_defaults() -> None:
    schedule = one("content: a.md, at: [17:00, 08:00, 17:00], to: web").schedules[0]
    assert schedule.late == Late(timedelta(minutes=30), Then.SKIP)
    assert (schedule.quiet, schedule.spread, schedule.rest, schedule.pick) == ((), timedelta(0), None, Pick.NEXT)
    assert schedule.cadence.times == (time(8), time(17))


def test_rows_are_keyed_by_content_and_days() -> None:
    found = plan(
        table(
            "days: [Monday, 2022-03-08,  2nd   Tue], at: 07:00, content: a.md, to: web",
            "days: 14, at: 07:00, content: loa/, to: bao",
            "at: 09:00, feed: 'https://a.example/rss', to: hop",
            "cron: 5  6 * * *, content: a.md, to: web",
        )
    )
    assert [schedule.id for schedule in found.schedules] == [
        "song/moc[a.md|mon,2022-03-08,2nd tue]",
        "song/moc[loa/|14]",
        "song/moc[https://a.example/rss|]",
        "song/moc[a.md|5 6 * * *]",
    ]
    assert {schedule.name for schedule in found.schedules} == {"song/moc"}


def test_rows_of_one_content_and_day_have_keys_of_their_own() -> None:
    rows = (
        "days: 14, at: 07:00, content: a.md, to: web",
        "days: 14, at: 09:00, content: a.md, to: [bao, hop]",
        "days: 14, at: 11:00, content: a.md, to: [bao, hop]",
    )
    ids = [schedule.id for schedule in plan(table(*rows)).schedules]
    assert ids == ["song/moc[a.md|14]", "song/moc[a.md|14|09:00|bao,hop]", "song/moc[a.md|14|11:00|bao,hop]"]
    before = plan(table("days: 15, at: 07:00, content: b.md, to: web", *rows)).schedules
    assert [schedule.id for schedule in before][1:] == ids  # a row above changes no key


def test_facts() -> None:
    facts = "{hotline: '0261 3543 543', so_may: 1000000, ty-le: 2.5, xong: true, xa: [Đắk Mil, {ten: Cư Jút}]}"
    found = plan(f"{ZONE}campaigns:\n  song: {{title: Sóng, facts: {facts}}}\n")
    assert found.campaigns["song"].facts == {
        "hotline": "0261 3543 543",
        "so_may": 1000000,
        "ty-le": 2.5,
        "xong": True,
        "xa": ["Đắk Mil", {"ten": "Cư Jút"}],
    }
    assert "facts['ty-le']" in str(found.warnings)


def test_hosts_that_may_be_private() -> None:
    found = plan(f"{ZONE}campaigns:\nallow_hosts: [CMS.example.gov.vn, 10.0.0.5, '[::1]']\n")
    assert found.allow_hosts == {"cms.example.gov.vn", "10.0.0.5", "::1"}
    assert plan(f"{ZONE}campaigns:\n").allow_hosts == frozenset()


def test_the_plan_is_frozen() -> None:
    found = load_folder(EXAMPLE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.schedules[0].to = ()  # type: ignore[misc]


def test_the_hash_covers_names_and_bytes() -> None:
    text = f"{ZONE}campaigns:\n"
    assert plan(text).sha256 != plan(text + "\n").sha256
    named = [plan(f"include: {name}.yaml\n{text}", a="groups:\n", b="groups:\n").sha256 for name in ("a", "b")]
    assert named[0] != named[1]
    assert len(bytes.fromhex(named[0])) == hashlib.sha256().digest_size


def lines_of(count: int) -> Iterator[str]:
    yield HEAD
    for number in range(count // 5):
        yield f"      s{number}:\n        content: loa/\n        days: [mon, 2022-02-14]\n        at: [08:00, 17:00]\n"
        yield "        to: [tat-ca, hop]\n"


def test_a_long_plan_loads_in_no_time() -> None:
    text = "".join(lines_of(10_000))
    begun = clock.process_time()
    found = plan(text)
    assert clock.process_time() - begun < 2  # 0.2 s where it was written
    assert len(found.schedules) == 2000


def test_a_long_table_loads_in_no_time() -> None:
    day = date(2022, 2, 14)
    rows = [
        f"days: {day + timedelta(days=n % 100)}, at: {n // 100 % 24:02}:{n // 2400:02}, content: a{n}.md, to: web"
        for n in range(10_000)
    ]
    begun = clock.process_time()
    found = plan(table(*rows))
    assert clock.process_time() - begun < 3  # 0.6 s where it was written
    assert len(found.schedules) == 10_000
