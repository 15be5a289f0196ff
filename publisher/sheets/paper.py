"""Pages that are files: each a whole HTML document by itself, to send, to print and to keep.

Nothing in them is loaded from elsewhere, and nothing runs.
"""

import base64
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from content.plain import text_from_html
from content.post import Format, Media, Post
from content.sanitiser import sanitised
from content.words import Words, words

_HERE = Path(__file__).parent
_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip


class Paper:
    """What pages are written on: a language, and the time zone of all that they tell."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.words: Words = words(language)
        self._zone = zone
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "say": self.words.say,
            "say_many": self.words.say_many,
            "of": self.words.of,
            "language": self.words.language,
            "style": Markup((_HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - ours
        }
        self._templates.filters |= {"day": self.day, "moment": self.moment, "clock": self.clock, "shown": shown}

    def page(self, template: str, **values: Any) -> str:
        """The HTML document that a template makes of values."""
        return self._templates.get_template(template).render(values)

    def day(self, day: date) -> str:
        """`Thứ Hai, 14/02/2022`."""
        return self.words.day(day)

    def moment(self, at: datetime) -> str:
        """`08:00 14/02/2022`."""
        return self.words.moment(at.astimezone(self._zone))

    def clock(self, at: datetime) -> str:
        """`08:00`."""
        return f"{at.astimezone(self._zone):%H:%M}"


def shown(post: Post, format: Format, sources: Mapping[str, str] = MappingProxyType({})) -> Markup:
    """The text of a post as a page shows it, and its image: `sources` are the addresses of images by their hash."""
    image = ""
    if post.image and post.image.sha256 in sources:
        image = Markup('<img src="{}" alt="{}">').format(sources[post.image.sha256], post.image.alt)
    if format in (Format.HTML, Format.TELEGRAM):
        text = sanitised(
            post.text,
            tags=_TAGS,
            attributes={"a": {"href", "title"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer nofollow",
        )
        kind = "telegram" if format is Format.TELEGRAM else "html"
        return Markup('{}<div class="text {}">{}</div>').format(image, kind, Markup(text))  # noqa: S704 - sanitised
    return Markup('{}<div class="text plain">{}</div>').format(image, post.text)


def inline(image: Media, content: bytes) -> str:
    """The address of an image that lies within the page itself."""
    return f"data:{image.mime};base64,{base64.b64encode(content).decode()}"


def plain(post: Post, format: Format) -> str:
    """The text of a post without marks, for a terminal."""
    if format is Format.TELEGRAM:  # its line ends are those of the message
        return text_from_html(f"<pre>{post.text}</pre>")
    return text_from_html(post.text) if format is Format.HTML else post.text


def write(path: Path, page: str) -> None:
    """Write a page; an earlier one of that name is replaced at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    half.write_text(page, encoding="utf-8")
    half.replace(path)
