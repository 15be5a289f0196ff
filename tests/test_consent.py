"""Pictures of children: none is published without the consent that the law asks for."""

import shutil
from pathlib import Path

import pytest

from content.message import Message, parse
from content.yaml12 import Mistakes
from publisher import revision as revisions
from publisher.workspace import Folder, Workspace, read_workspace

ROOT = Path(__file__).parents[1]
CONSENT = '  children: true\n  consent: "số 12/GĐY, ngày 01/02/2022"\n'


def message(image: str) -> Message:
    return parse(f"---\ntitle: Tin\nimage: {{file: a.png, alt: Học sinh{image}}}\n---\nNội dung.\n".encode(), "a.md")


def hashes(workspace: Workspace) -> dict[tuple[str, str], str]:
    """The revisions of the opening message for every channel of the sample."""
    schedules = workspace.schedules
    written = workspace.written("song-va-may-tinh", "khai-mac.md")
    assert written is not None
    campaign = schedules.campaigns["song-va-may-tinh"]
    return {
        ("khai-mac.md", name): revisions.of_message(written, "khai-mac.md", campaign, channel, workspace).sha256
        for name, channel in schedules.channels.items()
    }


@pytest.mark.parametrize("image", ["", ", children: false", ', children: true, consent: "12/VB ngày 01/02/2022"'])
def test_nothing_is_asked_without_children_or_with_consent(image: str) -> None:
    assert message(image).image is not None


def test_children_without_consent_are_a_mistake_at_the_image() -> None:
    with pytest.raises(Mistakes) as found:
        message(", children: true")
    assert [str(mistake) for mistake in found.value.mistakes] == [
        "a.md:3:8: this picture shows children, and nothing says that they and their parents agreed "
        '(add a line `consent: "number and date of the document"`, or take another picture)'
    ]
    with pytest.raises(Mistakes, match=r"a\.md:3:\d+: this is empty"):
        message(', children: true, consent: "  "')


def test_a_message_without_consent_takes_no_part_and_consent_leaves_approvals_alone(tmp_path: Path) -> None:
    for name in ("schedules.yaml", "channels.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "content" / "campaigns", tmp_path / "content" / "campaigns")
    path = tmp_path / "content/campaigns/song-va-may-tinh/khai-mac.md"
    plain = path.read_text("utf-8")
    before = hashes(read_workspace(Folder(tmp_path)))

    path.write_text(plain.replace("\ntags:", "\n  children: true\ntags:", 1), "utf-8")
    without = read_workspace(Folder(tmp_path))
    assert without.written("song-va-may-tinh", "khai-mac.md") is None
    assert [mistake.file for mistake in without.mistakes] == ["content/campaigns/song-va-may-tinh/khai-mac.md"]

    path.write_text(plain.replace("\ntags:", f"\n{CONSENT}tags:", 1), "utf-8")
    assert hashes(read_workspace(Folder(tmp_path))) == before
