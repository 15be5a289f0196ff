"""Which pages the site has, for whom, in which order, and what its own words are in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Role:
    """Those who read some pages, and these pages by their names, in order."""

    names: Mapping[str, str]
    pages: Sequence[str]


#: A page NAME is the file docs/NAME.md, in Vietnamese docs/NAME.vi.md; one of capital letters lies above docs/.
ROLES = (
    Role(
        {"vi": "Cán bộ truyền thông", "en": "Communication officers"},
        ("start", "officers", "message", "editing", "import", "approving", "mending", "alerts"),
    ),
    Role({"vi": "Cơ quan nhận nội dung", "en": "Agencies"}, ("agencies",)),
    Role({"vi": "Đài truyền thanh", "en": "Stations and announcers"}, ("stations",)),
    Role({"vi": "Lãnh đạo", "en": "Managers"}, ("managers",)),
    Role({"vi": "Quản trị viên", "en": "Administrators"}, ("server", "admin")),
    Role(
        {"vi": "Tra cứu", "en": "Reference"},
        (
            "reference-plan",
            "reference-message",
            "reference-kinds",
            "reference-commands",
            "reference-states",
            "glossary",
        ),
    ),
    Role(
        {"vi": "Lập trình viên", "en": "Programmers"},
        ("architecture", "promise", "performance", "CONTRIBUTING", "CHANGELOG"),
    ),
)

WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "title": "Tài liệu Publisher",
        "previous": "Trang trước",
        "next": "Trang sau",
        "menu": "Các trang",
        "contents": "Mục lục",
        "keys": "Khóa, lệnh, loại kênh và trạng thái theo vần",
        "only_english": "tiếng Anh",
        "other": "English",
        "skip": "Đến nội dung",
    },
    "en": {
        "title": "Publisher: the documentation",
        "previous": "Previous page",
        "next": "Next page",
        "menu": "Pages",
        "contents": "Contents",
        "keys": "Keys, verbs, kinds and states in order of the alphabet",
        "only_english": "English",
        "other": "Tiếng Việt",
        "skip": "To the text",
    },
}


def source_of(name: str, language: str) -> Path:
    """The file of a page."""
    folder = ROOT if name.isupper() else ROOT / "docs"
    return folder / (f"{name}.vi.md" if language == "vi" else f"{name}.md")


def address_of(source: Path) -> str:
    """The name of a page in the site."""
    return f"{source.name.removesuffix('.md').lower()}.html"
