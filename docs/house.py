"""Draws docs/pictures/house.svg from the floors in pyproject.toml: `python docs/house.py`.

The floors of publisher/ and the kinds are read; what else channels/ and content/ hold is named below.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT, RIGHT, TOP = 190, 920, 150
SIGN, GAP, ROW, LOW_ROW = 26, 5, 46, 40
CAPTIONS = {  # of a floor, by the first of its modules
    "exercise": "a period in seconds",
    "daemon": "what keeps it going, and shows it",
    "app": "the composition root",
    "mending": "what went out",
    "dispatcher": "rows; people",
    "worker": "one job each",
    "implied": "what every schedule implies",
    "edits": "what an edit means; the fence",
    "layout": "pure: what a schedule implies",
    "workspace": "the files as one value",
    "store": "the only SQL",
    "schedules": "pure values",
    "world": "the outside, as values",
    "cadence": "pure; the edge",
}
ARE_PACKAGES = {path.parent.name for path in (ROOT / "publisher").glob("*/__init__.py")}


@dataclass(frozen=True)
class Block:
    """A package below the publisher."""

    name: str
    job: str
    colour: str
    sign: str  # the colour of its name
    rows: Sequence[tuple[str, Sequence[str]]] = field(default_factory=tuple)


def floors() -> list[list[str]]:
    """The floors of publisher/, from the roof down, and the kinds of channels as the last."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    inner = next(one for one in contracts if one.get("containers") == ["publisher"])
    kinds = next(one for one in contracts if one["type"] == "independence")
    found = [[name.strip() for name in floor.split("|")] for floor in inner["layers"]]
    return [*found, [module.rpartition(".")[2] for module in kinds["modules"]]]


def blocks(kinds: Sequence[str]) -> list[Block]:
    """What stands below publisher/."""
    return [
        Block("channels/", "where", "#dcebf0", "#bcd9e3", (
            ("one file a kind", ("registry", *kinds)),
            ("what they stand on", ("wordpress_site", "bot_api", "files", "mail", "smtp", "services")),
            ("the one guarded client", ("http", "answers", "wire", "pool", "sockets", "guard", "redaction")),
            ("the contract of a kind", ("base",)),
        )),
        Block("content/", "what is said", "#e2eddc", "#c8dfbd", (
            ("messages, feeds, templates", ("message", "front_matter", "media", "feeds", "templates")),
            ("the shape a channel wants", (
                "markdown", "markup", "losses", "splitting", "script", "typeset", "corrections",
            )),
            ("values, YAML, Vietnamese", ("values", "yaml12", "vietnamese", "words", "dates", "post")),
        )),
        Block("sandbox/", "apart", "#eee6f2", "#dccbe6", (
            ("stand-ins of the servers, with faults on request; imports none of the three", ("python -m sandbox",)),
        )),
    ]  # fmt: skip


def draw() -> str:
    """The picture as SVG."""
    *inner, kinds = floors()
    roof, demo, *rest = inner
    parts = [*_roof(roof[0], demo)]
    y = TOP
    for number, floor in enumerate(rest):
        height = ROW * len(_rows(floor))
        parts += [_box(LEFT, y, RIGHT - LEFT, height, "#fdf6e6" if number % 2 == 0 else "#fbf1dc")]
        parts += [_text(LEFT + 12, y + height / 2 + 4, CAPTIONS[floor[0]], 12.5, "#51606d")]
        for index, row in enumerate(_rows(floor)):
            parts += _signs(row, y + 10 + index * ROW)
        y += height
    parts += _name(Block("publisher/", "when, and the record", "", "#f3dfae"), TOP, y - TOP)
    for block in blocks(kinds):
        parts += _block(block, y + 12)
        y += 12 + 8 + LOW_ROW * len(block.rows)
    return _document(parts, y + 18)


def _roof(name: str, demo: Sequence[str]) -> Iterator[str]:
    middle = (164 + 946) / 2
    yield f'<polygon points="164,{TOP} 946,{TOP} {middle},18" fill="#b5523b" stroke="#8a3c2a" stroke-width="2"/>'
    yield _text(middle, 78, f"{name}/", 18, "#ffffff", "middle", 700, mono=True)
    yield _text(middle, 99, "one function a verb", 13, "#fbe9e4", "middle")
    width = sum(_width(one) for one in demo) + GAP * (len(demo) - 1)
    yield from _signs(demo, 113, middle + width / 2)


def _rows(floor: Sequence[str]) -> list[list[str]]:
    """The signs of a floor in rows that leave room for its caption."""
    rows: list[list[str]] = [[]]
    for name in floor:
        if sum(_width(one) + GAP for one in rows[-1]) + _width(name) > 510:
            rows.append([])
        rows[-1].append(name)
    return rows


def _signs(names: Sequence[str], y: float, right: float = RIGHT - 14) -> Iterator[str]:
    x = right - sum(_width(name) for name in names) - GAP * (len(names) - 1)
    for name in names:
        width = _width(name)
        yield (
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{SIGN}" rx="6" fill="#ffffff" stroke="#7b8a98"/>'
        )
        yield _text(x + width / 2, y + 18, _shown(name), 13, "#22303c", "middle", 600, mono=True)
        x += width + GAP


def _block(block: Block, y: float) -> Iterator[str]:
    height = 8 + LOW_ROW * len(block.rows)
    yield _box(LEFT, y, RIGHT - LEFT, height, block.colour)
    for number, (caption, names) in enumerate(block.rows):
        row = y + 11 + number * LOW_ROW
        yield _text(LEFT + 12, row + 18, caption, 12.5, "#3f5560")
        yield from _signs(names, row)
    yield from _name(block, y, height)


def _name(block: Block, y: float, height: float) -> Iterator[str]:
    yield _box(18, y, 150, height, block.sign, 6)
    yield _text(93, y + height / 2 - 4, block.name, 17, "#22303c", "middle", 700, mono=True)
    yield _text(93, y + height / 2 + 16, block.job, 12.5, "#43525f", "middle")


def _box(x: float, y: float, width: float, height: float, colour: str, round: int = 0) -> str:
    place = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}"'
    return f'<rect {place} fill="{colour}" stroke="#5b6b7a" stroke-width="1.2"/>'


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str,
    anchor: str = "start",
    weight: int = 400,
    *,
    mono: bool = False,
) -> str:
    look = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}"'
    return (
        f'<text x="{x:.1f}" y="{y}" {look}{" class=" + chr(34) + "m" + chr(34) if mono else ""}>{escape(text)}</text>'
    )


def _width(name: str) -> float:
    return len(_shown(name)) * 7.9 + 18


def _shown(name: str) -> str:
    return f"{name}/" if name in ARE_PACKAGES else name


def _document(parts: Sequence[str], height: float) -> str:
    fonts = "'Noto Sans','DejaVu Sans','Segoe UI',Helvetica,Arial,sans-serif"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height:.0f}" role="img" aria-labelledby="t d" '
        f'font-family="{fonts}">',
        '<title id="t">The house</title>',
        '<desc id="d">The packages publisher, channels and content as a house, floor over floor; each floor imports '
        "only from the floors below it. The sandbox stands apart.</desc>",
        '<style>.m{font-family:"DejaVu Sans Mono","Noto Sans Mono",Menlo,Consolas,monospace}</style>',
        f'<rect width="960" height="{height:.0f}" fill="#ffffff"/>',
    )
    return "\n".join([*head, *parts, "</svg>", ""])


if __name__ == "__main__":
    (ROOT / "docs/pictures/house.svg").write_text(draw(), encoding="utf-8")
