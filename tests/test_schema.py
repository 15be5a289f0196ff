"""What editors get says of a file what `check` says of it: thousands of files with one slip each are judged by both."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from content.message import parse
from content.yaml12 import Mistake, Mistakes, read
from publisher.schedules import load
from tests import message_values, schema_values
from tests.judges import JUDGES, MESSAGE
from tests.mutations import Mutation, Mutator
from tests.schema_values import CHANNELS, SCHEDULES
from tests.yaml_writer import Written, write

ROOT = Path(__file__).parents[1]
SEED = 20220214

#: What `check` alone can see, because it needs more than one part of the plan, or sees how a number is written.
ALONE = {
    "a name that nothing has": "unknown (?:agency|channel or group|campaign) ",
    "a ring": "cannot stand above itself",
    "sessions and kinds": "has no sessions|speaks in its own sessions",
    "a calendar, a mail server": "holidays need a calendar|e-mail needs a server|needs a mail server",
    "the order of dates": "lies before|lies after|ends before it begins",
    "rows that clash": "this row and the row in line",
    "days that do not exist": "is not a cron expression: bad day-of-month|names no day that exists",
    "no time of day left": "leave no time of day",
    "how a number is written": "would not be shown as it is written",
}
#: 2.0 is a whole number to JSON, and none to `check`.
WRITTEN = re.compile(r"is the number \d+\.0$")
#: Mistakes that stand at a key, because it may not stand there; all others stand at a value.
AT_KEYS = re.compile(
    "^unknown key |cannot be the name of|cannot stand beside|^'[a-z]+' (?:is for|needs a) |^nobody stands here|"
    "is the name of something that messages"
)
#: A mistake that stands at the key where there is no value at all.
AT_EITHER = re.compile("^the settings of the channel are missing")
#: What may follow elsewhere, where a whole section or a reference was touched.
FOLLOWS = ("a name that nothing has", "sessions and kinds", "a calendar, a mail server")


#: File, line, column, and whether it is a key's place.
Place = tuple[str, int, int, bool]


@dataclass(frozen=True)
class Tried:
    """A file with one slip, and what both said of it."""

    what: str
    mistakes: tuple[Mistake, ...]
    accepted: bool  # by the schema
    places: frozenset[Place]  # that `check` promises
    is_wide: bool  # whether others refer to what the slip touches

    @property
    def reason(self) -> str | None:
        """Why only `check` refuses it."""
        if self.accepted and WRITTEN.search(self.what):
            return "how a number is written"
        found = {_reason(mistake) for mistake in self.mistakes}
        return next(iter(sorted(map(str, found)))) if self.accepted and self.mistakes and None not in found else None


def _reason(mistake: Mistake) -> str | None:
    return next((reason for reason, words in ALONE.items() if re.search(words, mistake.text)), None)


def plan_mistakes(files: Mapping[str, str]) -> tuple[Mistake, ...]:
    try:
        load(lambda path: files[path].encode())
    except Mistakes as found:
        return found.mistakes
    return ()


def message_mistakes(matter: str) -> tuple[Mistake, ...]:
    try:
        parse(f"---\n{matter}---\n\nNội dung.\n".encode(), MESSAGE)
    except Mistakes as found:
        return found.mistakes
    return ()


def judged(mutation: Mutation, file: str, written: Written, mistakes: tuple[Mistake, ...]) -> Tried:
    places = [((written.keys if is_key else written.values).get(path), is_key) for path, is_key in mutation.targets]
    accepted = JUDGES[file].is_valid(read(written.text.encode(), file).value)
    is_wide = len(mutation.path) <= 2 or mutation.path[-1] == "kind"
    found = frozenset((file, *place, is_key) for place, is_key in places if place)
    return Tried(f"{file}: {mutation.what}", mistakes, accepted, found, is_wide)


def tried_plans() -> Iterator[Tried]:
    values = schema_values.example()
    texts = {name: write(value).text for name, value in values.items()}
    for (file, value), other in zip(values.items(), reversed(values.values()), strict=True):
        mutator = Mutator(
            value,
            SEED,
            schema_values.role,
            schema_values.VALUES,
            places=schema_values.PLACES[file],
            spared=partial(schema_values.spared, value, other),
        )
        for mutation, written in distinct(mutator.all(), texts[file], 1):
            yield judged(mutation, file, written, plan_mistakes({**texts, file: written.text}))


def tried_messages() -> Iterator[Tried]:
    for value in message_values.EXAMPLES:
        mutator = Mutator(
            value,
            SEED,
            message_values.role,
            message_values.VALUES,
            places=message_values.PLACES,
            spared=lambda _: False,
        )
        for mutation, written in distinct(mutator.all(), write(value, line=2).text, 2):
            yield judged(mutation, MESSAGE, written, message_mistakes(written.text))


def distinct(mutations: Iterator[Mutation], original: str, line: int) -> Iterator[tuple[Mutation, Written]]:
    seen = {original}
    for mutation in mutations:
        written = write(mutation.value, line)
        if written.text not in seen:
            seen.add(written.text)
            yield mutation, written


@pytest.fixture(scope="module")
def plans() -> list[Tried]:
    return list(tried_plans())


@pytest.fixture(scope="module")
def messages() -> list[Tried]:
    return list(tried_messages())


def test_the_example_is_accepted_by_both() -> None:
    values = schema_values.example()
    assert plan_mistakes({name: write(value).text for name, value in values.items()}) == ()
    for folder in (ROOT, ROOT / "tests" / "example"):
        for name in (SCHEDULES, CHANNELS):
            assert [*JUDGES[name].iter_errors(read((folder / name).read_bytes(), name).value)] == []
        for path in (folder / "content").rglob("*.md"):
            matter = path.read_text("utf-8").split("---\n")[1]
            assert [*JUDGES[MESSAGE].iter_errors(read(matter.encode(), path.name).value)] == []
    for value in message_values.EXAMPLES:
        assert message_mistakes(write(value).text) == ()


def test_both_judge_thousands_of_plans_alike(plans: list[Tried]) -> None:
    different = [tried for tried in plans if tried.accepted != (not tried.mistakes)]
    assert [tried for tried in different if tried.reason is None] == []
    excluded = Counter(tried.reason for tried in different)
    assert sum(excluded.values()) <= 0.02 * len(plans), excluded
    assert len(plans) - len(different) >= 2000
    assert sum(not tried.mistakes for tried in plans) >= 500  # and not because both refuse everything


def test_both_judge_hundreds_of_messages_alike(messages: list[Tried]) -> None:
    different = [tried for tried in messages if tried.accepted != (not tried.mistakes)]
    assert different == []
    assert len(messages) >= 200
    assert sum(not tried.mistakes for tried in messages) >= 40


def test_check_points_at_the_very_slip(plans: list[Tried], messages: list[Tried]) -> None:
    refused = [tried for tried in (*plans, *messages) if tried.mistakes and tried.reason is None]
    assert [tried for tried in refused if not any(is_at_the_slip(mistake, tried) for mistake in tried.mistakes)] == []
    assert [(tried.what, str(mistake)) for tried, mistake in strays(refused)] == []


def is_at_the_slip(mistake: Mistake, tried: Tried) -> bool:
    at_key = bool(AT_KEYS.search(mistake.text))
    ways = (True, False) if AT_EITHER.search(mistake.text) else (at_key,)
    return any((mistake.file, mistake.line, mistake.column, way) in tried.places for way in ways)


def strays(refused: list[Tried]) -> Iterator[tuple[Tried, Mistake]]:
    """Mistakes that are said elsewhere, and do not follow from the slip."""
    for tried in refused:
        for mistake in tried.mistakes:
            follows = _reason(mistake) in FOLLOWS and tried.is_wide
            if not is_at_the_slip(mistake, tried) and not follows:
                yield tried, mistake
