"""The loudspeaker: one folder a session, with a script that an announcer can read."""

import hashlib
import io as bytes_io
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pypdf import PdfReader

from channels.base import Absent, CannotTell, Finds, InDoubt, Io, Receipt, Refused, Response, Slot, TryLater
from channels.loudspeaker import Loudspeaker
from content.post import Post, Priority
from sandbox.client import Sandbox
from sandbox.record import Record
from sandbox.station import Station
from tests import kinds

SESSION = kinds.NOW.replace(hour=5, minute=15)
STATION = Loudspeaker(name="loa-dak-mil", agency="vhtt-dak-mil", sessions=("05:15", "17:00"))


class NoHttp:
    """A kind that writes files asks no server."""

    def request(self, method: str, url: str, **_: Any) -> Response:
        raise AssertionError(f"{method} {url}")


def io(folder: Path, now: datetime = kinds.NOW) -> Io:
    return kinds.io(NoHttp(), folder, now=now)


def bulletin(**values: Any) -> Post:
    spoken = {"text": "Học sinh của thôn đã học trực tuyến tại nhà.\n\nMọi thắc mắc xin gọi 0261 3543 543."}
    return kinds.post(**{**spoken, "occurrence": SESSION, **values})


def slot(*posts: Post, number: int = 0, session: datetime = SESSION) -> Slot:
    return Slot(session, number, posts)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def script(folder: Path, name: str = "2022-02-14/0515") -> str:
    return (folder / name / "script.txt").read_text("utf-8")


def read(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(bytes_io.BytesIO(pdf)).pages).split())


def test_a_session_becomes_one_folder_and_the_receipt_says_what_is_in_it(tmp_path: Path) -> None:
    first, second = bulletin(), bulletin()
    receipt = STATION.publish_slot(slot(first, second), io(tmp_path))
    written = files(tmp_path / "2022-02-14" / "0515")
    assert sorted(written) == ["programme.json", "script.pdf", "script.txt"]
    programme = json.loads(written["programme.json"])
    hashes = {
        name: hashlib.sha256(content).hexdigest() for name, content in written.items() if name != "programme.json"
    }
    assert programme["files"] == hashes
    assert [(post["key"], post["sha256"]) for post in programme["posts"]] == [
        (first.key, first.sha256),
        (second.key, second.sha256),
    ]
    assert (programme["session"], programme["number"]) == ("2022-02-14T05:15:00+07:00", 0)
    assert (receipt.id, receipt.url) == ("2022-02-14/0515", None)
    assert receipt.details["files"] == hashes
    assert receipt.details["seconds"] == programme["seconds"] > 0
    assert receipt.details["fits"] is True


def test_the_printed_script_embeds_only_the_shipped_font_and_its_vietnamese_can_be_searched(tmp_path: Path) -> None:
    title = "Phường Nghĩa Đức: “Sóng và máy tính” đã đến với 24 gia đình"
    STATION.publish_slot(slot(bulletin(title=title, approver="Nguyễn Văn Ẩn")), io(tmp_path))
    reader = PdfReader(tmp_path / "2022-02-14" / "0515" / "script.pdf")
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    fonts = [font["/DescendantFonts"][0] for each in resources for font in each["/Font"].values()]
    assert fonts
    for font in fonts:
        assert font["/BaseFont"].split("+")[1] in {"LiberationSerif", "LiberationSerif-Bold"}
        assert "/FontFile2" in font["/FontDescriptor"]
    text = read((tmp_path / "2022-02-14" / "0515" / "script.pdf").read_bytes())
    assert "Phường Nghĩa Đức: “Sóng và máy tính” đã đến với hai mươi tư gia đình" in text
    assert "Nguyễn Văn Ẩn" in text
    assert "Xin nhắc lại" in text
    assert f"Trang 1/{len(reader.pages)}" in text


def test_what_the_font_lacks_is_said_not_hidden(tmp_path: Path) -> None:
    receipt = STATION.publish_slot(slot(bulletin(title="Bạn 北 và 👨‍👩‍👧 nhé")), io(tmp_path))
    assert set(receipt.details["unprintable"]) == {"北"}
    text = read((tmp_path / "2022-02-14" / "0515" / "script.pdf").read_bytes())
    assert "Bạn □ và nhé" in text
    assert "Có 1 ký tự không in được" in text
    assert "Bạn 北 và nhé" in script(tmp_path)


def test_the_same_slot_gives_the_same_bytes_at_any_time_and_from_many_threads(tmp_path: Path) -> None:
    wanted = slot(bulletin(), bulletin())

    def publish(n: int) -> None:
        STATION.publish_slot(wanted, io(tmp_path / str(n), kinds.NOW + timedelta(hours=n)))

    threads = [threading.Thread(target=publish, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, *others = [files(tmp_path / str(n) / "2022-02-14" / "0515") for n in range(6)]
    assert others == [first] * 5


def test_publishing_again_changes_nothing_and_gives_the_same_receipt(tmp_path: Path) -> None:
    wanted = slot(bulletin(), bulletin())
    receipt = STATION.publish_slot(wanted, io(tmp_path))
    before = (tmp_path / "2022-02-14" / "0515").stat()
    assert STATION.publish_slot(wanted, io(tmp_path, kinds.NOW + timedelta(hours=1))) == receipt
    after = (tmp_path / "2022-02-14" / "0515").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [path.name for path in (tmp_path / "2022-02-14").iterdir()] == ["0515"]


def test_what_comes_later_is_a_supplement(tmp_path: Path) -> None:
    STATION.publish_slot(slot(bulletin()), io(tmp_path))
    receipt = STATION.publish_slot(slot(bulletin(), number=1), io(tmp_path))
    assert receipt.id == "2022-02-14/0515-bo-sung-1"
    text = script(tmp_path, receipt.id)
    assert "PHẦN BỔ SUNG SỐ 1" in text
    assert "Mời bà con và các bạn nghe phần bổ sung của chương trình phát thanh" in text


def test_a_slot_whose_place_is_taken_by_others_goes_into_the_next_supplement(tmp_path: Path) -> None:
    STATION.publish_slot(slot(bulletin()), io(tmp_path))
    STATION.publish_slot(slot(bulletin(), number=1), io(tmp_path))
    late = slot(bulletin())
    receipt = STATION.publish_slot(late, io(tmp_path))
    assert receipt.id == "2022-02-14/0515-bo-sung-2"
    assert "PHẦN BỔ SUNG SỐ 2" in script(tmp_path, receipt.id)
    assert STATION.publish_slot(late, io(tmp_path)) == receipt


def test_a_post_that_is_out_already_is_never_read_twice(tmp_path: Path) -> None:
    out, new = bulletin(), bulletin()
    receipt = STATION.publish_slot(slot(out), io(tmp_path))
    with pytest.raises(InDoubt, match="a part of the session is out already"):
        STATION.publish_slot(slot(out, new), io(tmp_path))
    assert STATION.find(out, io(tmp_path)) == receipt
    assert STATION.find(new, io(tmp_path)) == Absent()
    with pytest.raises(Refused, match="already has another text of “Tin đã sửa”"):
        STATION.publish_slot(slot(replace(out, title="Tin đã sửa")), io(tmp_path))
    assert [path.name for path in (tmp_path / "2022-02-14").iterdir()] == ["0515"]


def test_a_post_is_found_in_whatever_session_it_was_read(tmp_path: Path) -> None:
    post = bulletin()
    evening = SESSION.replace(hour=17, minute=0) + timedelta(days=3)
    assert STATION.find(post, io(tmp_path)) == Absent()
    receipt = STATION.publish_slot(slot(bulletin(), post, session=evening), io(tmp_path))
    assert receipt.id == "2022-02-17/1700"
    assert STATION.find(post, io(tmp_path)) == receipt
    assert STATION.find(replace(post, text="Khác."), io(tmp_path)) == receipt  # it was read, in other words
    assert receipt.details["posts"][post.key] == post.sha256
    assert isinstance(STATION, Finds)
    assert STATION.settling == timedelta(0)


def test_a_damaged_manifest_proves_nothing_from_that_day_on(tmp_path: Path) -> None:
    STATION.publish_slot(slot(bulletin()), io(tmp_path))
    (tmp_path / "2022-02-14" / "0515" / "programme.json").write_bytes(b"{")
    answer = STATION.find(bulletin(), io(tmp_path))
    assert isinstance(answer, CannotTell)
    assert "2022-02-14/0515" in answer.reason
    with pytest.raises(TryLater, match="missing or damaged in 2022-02-14/0515"):
        STATION.publish_slot(slot(bulletin()), io(tmp_path))
    assert STATION.find(bulletin(occurrence=SESSION + timedelta(days=1)), io(tmp_path)) == Absent()


def test_other_things_in_the_folder_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "2022-02-14" / ".0515.0badc0de").mkdir(parents=True)
    (tmp_path / "2022-02-14" / "ghi-chu").mkdir()
    (tmp_path / "ghi-am.mp3").write_bytes(b"")
    assert STATION.find(bulletin(), io(tmp_path)) == Absent()
    assert STATION.publish_slot(slot(bulletin()), io(tmp_path)).id == "2022-02-14/0515"


def test_urgent_posts_are_read_first_then_priority_ones_then_in_the_order_of_the_slot(tmp_path: Path) -> None:
    posts = [
        bulletin(title="Tin thường một"),
        bulletin(title="Tin ưu tiên", priority=Priority.PRIORITY),
        bulletin(title="Tin thường hai"),
        bulletin(title="Tin khẩn", priority=Priority.URGENT),
    ]
    STATION.publish_slot(slot(*posts), io(tmp_path))
    text = script(tmp_path)
    announced = [
        "Xin bà con và các bạn chú ý nghe thông báo khẩn cấp: Tin khẩn.",
        "Tiếp theo chương trình, mời bà con và các bạn nghe: Tin ưu tiên.",
        "Tiếp theo chương trình, mời bà con và các bạn nghe: Tin thường một.",
        "Cuối cùng, mời bà con và các bạn nghe: Tin thường hai.",
    ]
    places = [text.index(line) for line in announced]
    assert places == sorted(places)
    assert "[Nội dung 1 (khẩn cấp)" in text


def test_the_script_has_all_that_a_script_has(tmp_path: Path) -> None:
    agency = "Trung tâm Văn hóa, Thể thao và Truyền thông huyện Đắk Mil"
    approved = {"approver": "Lê Thị Bình", "approval_document": "12/QĐ-TTVH", "document": "56/KH-UBND"}
    STATION.publish_slot(slot(bulletin(agency=agency, **approved)), io(tmp_path))
    text = script(tmp_path)
    for line in (
        agency.upper(),
        "Chuyên mục: Sóng và máy tính cho em",
        "Thực hiện văn bản: 56/KH-UBND",
        "Ngày phát: Thứ Hai, ngày 14 tháng 02 năm 2022",
        "Buổi phát: 5 giờ 15 phút",
        "Người duyệt: Lê Thị Bình",
        "Văn bản duyệt: 12/QĐ-TTVH",
        f"Đây là chương trình phát thanh của {agency}.",
        "Xin nhắc lại:",
        f"Chương trình phát thanh của {agency} đến đây là hết.",
    ):
        assert line in text.splitlines()
    assert "Thời lượng dự kiến: " in text
    assert "LƯU Ý" not in text


def test_without_an_approver_there_is_room_to_sign(tmp_path: Path) -> None:
    STATION.publish_slot(slot(bulletin()), io(tmp_path))
    assert "Người duyệt: ……" in script(tmp_path)


def test_a_script_that_is_too_long_is_written_and_says_so_at_its_top(tmp_path: Path) -> None:
    long = bulletin(text="Bà con chú ý nghe tin. " * 1000)  # 6,000 syllables: 35 minutes
    receipt = STATION.publish_slot(slot(long), io(tmp_path))
    assert receipt.details["fits"] is False
    text = script(tmp_path)
    assert text.index("LƯU Ý: Kịch bản này đọc hết khoảng") < text.index("[Lời chào")
    assert "LƯU Ý: Kịch bản này đọc hết khoảng" in read((tmp_path / receipt.id / "script.pdf").read_bytes())


def test_a_supplement_shares_the_time_of_its_session(tmp_path: Path) -> None:
    half = "Bà con chú ý nghe tin. " * 300  # 1,800 syllables: 11 of 15 minutes
    assert STATION.publish_slot(slot(bulletin(text=half)), io(tmp_path)).details["fits"] is True
    supplement = STATION.publish_slot(slot(bulletin(text=half), number=1), io(tmp_path))
    assert supplement.details["fits"] is False
    assert "Cả buổi phát, kể cả các phần đã gửi trước," in script(tmp_path, supplement.id)


def test_the_estimated_time_follows_the_stations_pace(tmp_path: Path) -> None:
    slow = STATION.model_copy(update={"syllables_per_minute": 85})
    post = bulletin(text="Bà con chú ý nghe tin. " * 100)
    usual = STATION.publish_slot(slot(post), io(tmp_path / "usual")).details["seconds"]
    twice = slow.publish_slot(slot(post), io(tmp_path / "slow")).details["seconds"]
    assert usual == pytest.approx(twice / 2, abs=4)  # each part is rounded up to a second
    assert usual == pytest.approx((600 + 100) * 60 / 170, abs=20)  # the words around it are about a hundred


def test_a_station_takes_each_script_once_and_meets_none_that_is_not_whole(tmp_path: Path) -> None:
    record = Record(tmp_path / "record.jsonl", lambda: datetime.now(UTC))
    station = Station("loa-dak-mil", tmp_path / "loa", record)
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            station.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for day in range(20):
            STATION.publish_slot(slot(bulletin(), session=SESSION + timedelta(days=day)), io(tmp_path / "loa"))
    finally:
        done.set()
        watcher.join()
    station.look()
    taken = record.entries(action="publish")
    sessions = [SESSION + timedelta(days=day) for day in range(20)]
    assert [entry["id"] for entry in taken] == [f"{session:%Y-%m-%d}/0515" for session in sessions]
    assert record.entries(action="violation") == []
    (tmp_path / "loa" / "2022-02-20" / "0515" / "script.txt").write_text("khác")
    station.look()
    station.look()
    assert [entry["id"] for entry in record.entries(action="violation")] == ["2022-02-20/0515"]
    record.close()


def test_a_closed_station_is_tried_later_and_takes_the_script_once_open(sandbox: Sandbox, tmp_path: Path) -> None:
    place = kinds.unique("loa")
    folder = tmp_path / "loa"
    sandbox.call("POST", "/_watch", {"kind": "loudspeaker", "place": place, "folder": str(folder)})
    sandbox.call("POST", "/_watch", {"kind": "loudspeaker", "place": place, "closed": True})
    post = bulletin()
    with pytest.raises(TryLater, match="2022-02-14/0515 cannot be written"):
        STATION.publish_slot(slot(post), io(folder))
    with pytest.raises(TryLater, match="Not a directory"):
        STATION.find(post, io(folder))
    sandbox.call("POST", "/_watch", {"kind": "loudspeaker", "place": place, "closed": False})
    STATION.publish_slot(slot(post), io(folder))
    sandbox.call("POST", "/_watch", {})
    assert [(entry["id"], entry["keys"]) for entry in sandbox.record(kind="loudspeaker", place=place)] == [
        ("2022-02-14/0515", [post.key])
    ]


def test_a_single_post_is_a_slot_of_one_and_none_is_refused(tmp_path: Path) -> None:
    urgent = bulletin(occurrence=SESSION.replace(hour=9, minute=37), priority=Priority.URGENT)
    receipt = STATION.publish(urgent, io(tmp_path))
    assert isinstance(receipt, Receipt)
    assert receipt.id == "2022-02-14/0937"
    with pytest.raises(Refused, match="nothing to read"):
        STATION.publish_slot(slot(), io(tmp_path))


@pytest.mark.parametrize(
    ("setting", "value"), [("syllables_per_minute", 49), ("syllables_per_minute", 401), ("sessions", ())]
)
def test_settings_have_bounds(setting: str, value: Any) -> None:
    settings = {"name": "loa", "agency": "a", "sessions": ("05:15",), setting: value}
    with pytest.raises(ValidationError, match=setting):
        Loudspeaker.model_validate(settings)
