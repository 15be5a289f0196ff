"""The reference, made from the code: the plan's keys, a message's, the kinds', the command line, and the states.

What stands here cannot be forgotten, since nobody writes it: schemas, parsers and tables of the program are read.
"""

import argparse
import importlib
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from channels.base import Channel, Updates, Withdraws
from channels.registry import KINDS
from content.front_matter import FrontMatter, message_schema
from content.words import words
from docs.grammar import Schema, entries, one_line, rate
from docs.site import LANGUAGES
from publisher.cli import VERBS
from publisher.delivery import TRANSITIONS, State
from publisher.schedules.schema import schedules_schema
from publisher.schedules.sections import (
    AgencySection,
    AlertsSection,
    CampaignSection,
    DefaultsSection,
    LateSection,
    MailSection,
    ReceiverSection,
    ScheduleSection,
)

_TITLES: Mapping[str, tuple[str, str]] = {
    "plan": ("Các khóa của schedules.yaml và channels.yaml", "The keys of schedules.yaml and channels.yaml"),
    "message": ("Các khóa của một nội dung", "The keys of a message"),
    "kinds": ("Các loại kênh và thiết đặt", "The kinds of channels and their settings"),
    "commands": ("Các lệnh", "The command line"),
    "states": ("Các trạng thái", "The states"),
}
_MADE = ("Trang này được lập từ chính chương trình.", "This page is made from the program itself.")
_LEADS: Mapping[str, tuple[str, str]] = {
    "plan": (
        "Cách viết một kế hoạch có trong [cẩm nang](officers.vi.md#viết-schedulesyaml).",
        "How a plan is written is told in [the handbook](officers.md#writing-schedulesyaml).",
    ),
    "message": (
        "Các khóa đứng giữa hai dòng `---` ở đầu tệp; xem [Soạn một nội dung](message.vi.md).",
        "The keys stand between two lines `---` at the top of the file; see [Writing a message](message.md).",
    ),
    "kinds": (
        "Mỗi kênh là một mục của `channels` với khóa `kind`; xem [trang của quản trị viên](admin.vi.md#channelsyaml).",
        "Each channel is an entry of `channels` with a `kind`; see [the administrator's page](admin.md#channelsyaml).",
    ),
    "commands": (
        "Lệnh nào cũng nhận `--workspace DIR`, thư mục có `schedules.yaml` "
        "(không ghi là thư mục hiện tại), và `--lang`, `vi` hoặc `en`. Mã kết thúc: 0 tốt, 1 có lỗi hoặc có việc cần "
        "người làm, 2 lệnh viết sai.",
        "Every verb takes `--workspace DIR`, the folder with `schedules.yaml` (else the present one), and `--lang`, "
        "`vi` or `en`. Exit codes: 0 well, 1 mistakes were found or a person is needed, 2 the command is not right.",
    ),
    "states": (
        "Việc cần làm ở mỗi trạng thái có trong [cẩm nang](officers.vi.md#ý-nghĩa-các-trạng-thái).",
        "What to do in each state is told in [the handbook](officers.md#what-the-states-mean).",
    ),
}
_SECTIONS: Mapping[str, tuple[str, str]] = {
    "top": ("Cấp cao nhất", "At the top"),
    "campaign": ("Một chiến dịch, trong `campaigns`", "A campaign, in `campaigns`"),
    "schedule": ("Một lịch, trong `schedules`", "A schedule, in `schedules`"),
    "late": ("`late`", "`late`"),
    "defaults": ("`defaults`", "`defaults`"),
    "agency": ("Một cơ quan, trong `agencies`", "An agency, in `agencies`"),
    "mail": ("`mail`", "`mail`"),
    "alerts": ("`alerts`", "`alerts`"),
    "receiver": ("Một người nhận, trong `to` của `alerts`", "A receiver, in `to` of `alerts`"),
    "front": ("Cấp cao nhất", "At the top"),
    "image": ("`image`", "`image`"),
}


def pages() -> dict[tuple[str, str], str]:
    """The pages as Markdown, by name and language."""
    makers = {"plan": _plan, "message": _message, "kinds": _kinds, "commands": _commands, "states": _states}
    return {
        (f"reference-{name}", language): "\n\n".join(
            [
                f"# {_of(_TITLES[name], language)}",
                f"{_of(_MADE, language)} {_of(_LEADS[name], language)}",
                *make(language),
                "",
            ]
        )
        for name, make in makers.items()
        for language in LANGUAGES
    }


def sections() -> dict[str, tuple[Schema, type[BaseModel] | None]]:
    """The mappings of a plan: the schema of each, and the model behind it."""
    schema = schedules_schema(KINDS)
    parts, schedule = schema["properties"], schema["definitions"]["schedule"]
    return {
        "top": (schema, None),
        "campaign": (parts["campaigns"]["additionalProperties"], CampaignSection),
        "schedule": (schedule, ScheduleSection),
        "late": (schedule["properties"]["late"], LateSection),
        "defaults": (parts["defaults"], DefaultsSection),
        "agency": (parts["agencies"]["additionalProperties"], AgencySection),
        "mail": (parts["mail"], MailSection),
        "alerts": (parts["alerts"], AlertsSection),
        "receiver": (parts["alerts"]["properties"]["to"]["anyOf"][0], ReceiverSection),
    }


def messages() -> dict[str, tuple[Schema, type[BaseModel] | None]]:
    """The mappings above a message's text."""
    schema = message_schema()
    return {"front": (schema, FrontMatter), "image": (schema["properties"]["image"]["anyOf"][0], None)}


def kinds() -> dict[str, tuple[Schema, type[Channel]]]:
    """The settings of each kind."""
    found = schedules_schema(KINDS)["definitions"]
    return {name: (found[f"kind-{name}"], kind) for name, kind in KINDS.items()}


def parser_of(verb: str) -> argparse.ArgumentParser:
    """The arguments of a verb, without those that all have."""
    parser = argparse.ArgumentParser(prog=f"publisher {verb}", formatter_class=_Narrow, add_help=False)
    importlib.import_module(f"publisher.cli.{VERBS[verb][0]}").configure(parser)
    return parser


class _Narrow(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=88)


def _plan(language: str) -> Iterator[str]:
    for name, (schema, model) in sections().items():
        yield f"## {_of(_SECTIONS[name], language)}"
        yield from entries(schema, model, language)


def _message(language: str) -> Iterator[str]:
    for name, (schema, model) in messages().items():
        yield f"## {_of(_SECTIONS[name], language)}"
        yield from entries(schema, model, language)


def _kinds(language: str) -> Iterator[str]:
    heads = {"vi": ("loại kênh", "hạn mức mặc định", "sửa bài đã đăng", "gỡ bài đã đăng", "tra cứu được"),
             "en": ("kind", "default rate", "changes what is out", "takes it away", "can be asked")}  # fmt: skip
    yes = {"vi": "có", "en": "yes"}
    notice = {"vi": "bằng thông báo", "en": "by a notice"}
    rows = [
        (
            f"`{name}`", rate(kind.default_rate),
            (yes if issubclass(kind, Updates) else notice)[language],
            (yes if issubclass(kind, Withdraws) else notice)[language],
            yes[language] if kind.settling is not None else "–",
        )
        for name, (_, kind) in kinds().items()
    ]  # fmt: skip
    yield _table(heads[language], rows)
    for name, (schema, kind) in kinds().items():
        yield f"## `{name}`"
        if language == "en":
            yield one_line(kind.__doc__)
        yield from entries(schema, kind, language)


def _commands(language: str) -> Iterator[str]:
    for verb, (_, text) in VERBS.items():
        parser = parser_of(verb)
        yield f"### `{verb}`"
        said = words(language).of(text)
        yield f"{said[0].upper()}{said[1:]}."
        yield f"```text\n{parser.format_usage().removeprefix('usage: ')}```"
        yield from _arguments(parser, language)


def _arguments(parser: argparse.ArgumentParser, language: str) -> Iterator[str]:
    say = words(language).of
    lines = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for act, sub in action.choices.items():
                about = next((one.help for one in action._choices_actions if one.dest == act), "")
                lines.append(f"- `{act}`: {say(about or '')}")
                lines += [f"  {line}" for part in _arguments(sub, language) for line in part.splitlines()]
        elif action.help not in (None, argparse.SUPPRESS) and action.dest != "help":
            shown = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
            name = f"{action.option_strings[0]} {shown}".strip() if action.option_strings else str(shown)
            lines.append(f"- `{name}`: {say(str(action.help))}")
    if lines:
        yield "\n".join(lines)


def _states(language: str) -> Iterator[str]:
    heads = {"vi": ("trạng thái", "trên các trang", "sau đó"), "en": ("state", "on the pages", "what may follow")}
    yield _table(heads[language], [(f"`{one.value}`", words("vi").of(one.value), _followers(one)) for one in State])


def _followers(state: State) -> str:
    """The states that may follow one."""
    return ", ".join(f"`{one.value}`" for one in State if one in TRANSITIONS[state]) or "–"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _of(pair: tuple[str, str], language: str) -> str:
    return pair[LANGUAGES.index(language)]
