"""What schedules.yaml means: the example as it stands, and each rule of the grammar on a plan of its own."""

import dataclasses
import hashlib
import time as clock
from collections.abc import Callable, Iterator
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
from publisher.schedules import Approval, Feed, Pick, Schedules, load, load_folder
from tests.plain_kinds import KINDS

EXAMPLE = Path(__file__).parent / "example"
ZONE = "timezone: Asia/Ho_Chi_Minh\nholidays: VN\n"
PLACES = """
agencies:
  so: {name: Sở}
channels:
  web: {kind: box, agency: so}
  bao: {kind: box, agency: so}
  hop: {kind: box, agency: so}
  loa: {kind: station, agency: so, sessions: [17:00, 05:15]}
groups:
  tat-ca: [bao, trang]
  trang: [web, bao]
"""
HEAD = (
    f"{ZONE}{PLACES}campaigns:\n  song:\n    title: Sóng\n    from: 2022-02-14\n    until: 2022-05-31\n    schedules:\n"
)


def reader(files: dict[str, str]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    return read


def plan(text: str, **files: str) -> Schedules:
    named = {f"{name}.yaml": content for name, content in files.items()}
    return load(reader({"schedules.yaml": text, **named}), kinds=KINDS)


def one(keys: str) -> Schedules:
    """A plan with one schedule of these keys, written as in a row of a table."""
    return plan(f"{HEAD}      s: {{{keys}}}\n")


def cadence(keys: str) -> Cadence:
    return one(f"content: a.md, at: 08:00, to: web, {keys}").schedules[0].cadence


def warnings(text: str) -> list[str]:
    return [str(warning) for warning in plan(text).warnings]


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


def table(*rows: str) -> str:
    return f"{HEAD}      moc:\n" + "".join(f"        - {{{row}}}\n" for row in rows)


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


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("days: mon, at: 08:00", "days: 2022-03-07, at: 08:00", "08:00 on 2022-03-07"),
        ("days: mon, at: 08:00", "days: 2022-03-08, at: 08:00", None),
        ("days: mon, at: 08:00", "days: 2022-03-07, at: 08:01", None),
        ("days: mon, every: 2 weeks, at: 08:00", "days: 2022-02-21, at: 08:00", None),
        ("days: mon, every: 2 weeks, at: 08:00", "days: 2022-02-28, at: 08:00", "08:00 on 2022-02-28"),
        ("days: mon, at: 08:00, until: 2022-03-06", "days: 2022-03-07, at: 08:00", None),
        ("days: mon, at: 08:00, except: 2022-03-07", "days: 2022-03-07, at: 08:00", None),
        # 11 April 2022, a Monday, stood in for the Hùng Kings' day: what moves to Friday meets what is there
        ("days: 2022-04-11, at: 08:00, if_holiday: before", "days: 2022-04-08, at: 08:00", "08:00 on 2022-04-08"),
        ("days: 2022-04-11, at: 08:00, except: holidays", "days: mon, at: 08:00, from: 2022-04-11", None),
        ("cron: 30 8 1 * *", "days: 2022-03-01, at: 08:30", "08:30 on 2022-03-01"),
        ("cron: 30 8 1 * *", "days: 2022-03-01, at: 08:00", None),
    ],
)
def test_two_rows_with_one_occurrence_and_channel(first: str, second: str, clash: str | None) -> None:
    text = table(f"{first}, content: a.md, to: trang", f"{second}, content: b.md, to: [hop, bao]")
    said = "\n".join(refusals(text))
    if clash is None:
        assert said == ""
    else:
        assert "schedules.yaml:22:11: this row and the row in line 21 both reach channel 'bao'" in said
        assert clash in said
    assert refusals(text.replace("[hop, bao]", "hop")) == []  # on another channel they may


def refusals(text: str) -> list[str]:
    try:
        plan(text)
    except Mistakes as raised:
        return [str(mistake) for mistake in raised.mistakes]
    return []


def test_a_good_plan_has_no_warnings() -> None:
    assert warnings(f"{HEAD}      s: {{content: a.md, days: [14, 28, last, 2022-05-31], at: 08:00, to: web}}\n") == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("31", "32: day 31 is skipped in February 2022, April 2022 (write"),
        ("[1, 30]", "36: day 30 is skipped in February 2022 (write"),
        ("2022-06-01", "32: nothing goes out on 2022-06-01: it lies outside of 2022-02-14 to 2022-05-31"),
        ("[mon, 2022-02-13]", "38: nothing goes out on 2022-02-13: it lies outside of"),
    ],
)
def test_days_that_are_probably_not_meant(days: str, said: str) -> None:
    (warning,) = warnings(f"{HEAD}      s: {{content: a.md, days: {days}, at: 08:00, to: web}}\n")
    assert warning.startswith(f"schedules.yaml:{HEAD.count(chr(10)) + 1}:{said}")


def test_days_that_some_month_lacks_in_an_endless_plan() -> None:
    schedules = "schedules: {s: {content: a.md, days: 29, at: 08:00, to: web}}"
    text = f"{ZONE}{PLACES}campaigns:\n  song: {{title: Sóng, {schedules}}}\n"
    (warning,) = warnings(text)
    assert "day 29 is skipped in months that lack it" in warning
    assert warnings(text.replace("29", "28")) == []


def test_a_session_in_quiet_hours_is_warned_of_once() -> None:
    text = (
        f"{HEAD}      a: {{content: a.md, at: sessions, to: loa}}\n      b: {{content: b.md, at: sessions, to: loa}}\n"
        "defaults: {quiet: 21:00-05:30}\n"
    )
    assert warnings(text) == [
        "schedules.yaml:10:54: the session at 05:15 lies in the quiet hours 21:00-05:30, and nothing is read then "
        "(move one)"
    ]
    assert warnings(text.replace("05:30", "05:15")) == []  # the end of quiet hours is not quiet


def test_a_campaign_without_schedules_is_warned_of() -> None:
    (warning,) = warnings(f"{ZONE}campaigns:\n  song: {{title: Sóng}}\n")
    assert warning == "schedules.yaml:4:3: this campaign has no schedules: nothing goes out"


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


SLIPS = r"""
: | - | [ | ] | { | } | ' | " | # | &a | *a | !x | ~ | true | -1 | 1e999 | .nan | 2022-02-30 | 9999-12-31 |
0001-01-01 | 24:00 | sessions | holidays | so | << | 999999w | ٣ | \ | ..
"""
PIECES = st.sampled_from(["", " ", "\n", "\t", *(f"{slip.strip()} " for slip in SLIPS.split("|"))])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_plan_with_a_slip_is_read_or_refused_at_a_place(data: st.DataObject) -> None:
    files = {path.name: path.read_text("utf-8") for path in EXAMPLE.glob("*.yaml")}
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(files)))
        start = data.draw(st.integers(0, len(files[name])))
        end = min(start + data.draw(st.integers(0, 12)), len(files[name]))
        files[name] = files[name][:start] + data.draw(PIECES) + files[name][end:]
    try:
        load(reader(files))
    except Mistakes as raised:
        found = raised.mistakes
        assert found
        for mistake in found:
            lines = [*files[mistake.file].split("\n"), ""]
            assert 1 <= mistake.line <= len(lines)
            assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1
