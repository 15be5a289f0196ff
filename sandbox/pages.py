"""The sandbox's pages for people, in Vietnamese: what was published, as the public would see it."""

from collections.abc import Iterable
from html import escape

from sandbox.record import Entry

_STYLE = """
body { font: 17px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733 }
h1 { font-size: 1.6rem; line-height: 1.25 } h2 { font-size: 1.25rem; margin: 0 0 .3rem } a { color: #0b5394 }
article { border-top: 1px solid #ccd4dc; padding: 1rem 0; overflow-wrap: anywhere }
img { max-width: 100%; height: auto }
.meta { color: #55626f; font-size: .9rem } .kind { font-weight: 600 }
"""
_ACTIONS = {"publish": "Đã đăng", "update": "Đã sửa", "delete": "Đã gỡ"}


def page(title: str, body: str) -> str:
    """A whole page. `title` is text, `body` is HTML."""
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def front_page(entries: Iterable[Entry]) -> str:
    """Everything that the public would see, newest first."""
    items = "".join(_item(entry) for entry in reversed(list(entries)))
    lead = "<p>Máy chủ mô phỏng: mọi nội dung dưới đây chỉ nằm trên máy này, chưa đến với công chúng.</p>"
    return page("Nội dung đã đăng trong môi trường thử", lead + (items or "<p>Chưa có nội dung nào được đăng.</p>"))


def _item(entry: Entry) -> str:
    title = escape(str(entry.get("title") or _start(str(entry.get("text") or "")) or f"Mục {entry['id']}"))
    if entry.get("url") and entry["action"] != "delete":
        title = f'<a href="{escape(str(entry["url"]))}">{title}</a>'
    action = _ACTIONS.get(entry["action"], escape(entry["action"]))
    place = f"{escape(entry['kind'])} · {escape(entry['place'])}"
    moment = escape(entry["at"][:19].replace("T", " "))
    return (
        f'<article><h2>{title}</h2><p class="meta">{action} · <span class="kind">{place}</span> · '
        f"{moment} (UTC)</p></article>"
    )


def _start(text: str, length: int = 90) -> str:
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "…"


def missing_page() -> str:
    """The answer to an address that leads nowhere."""
    return page("Không tìm thấy trang", '<p><a href="/">Về trang đầu</a></p>')
