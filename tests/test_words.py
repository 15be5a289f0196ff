"""What is said in English is said in Vietnamese: the catalogue is whole, and every sentence is recognised."""

import importlib.util
import string
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.words import Words, catalogue, say, words
from publisher.cli.speaking import choose
from sandbox.client import Sandbox
from tests.offices import Office, call

ROOT = Path(__file__).parents[1]
VI = words("vi")


def tool() -> ModuleType:
    """docs/words.py, which reads the sentences out of the code."""
    spec = importlib.util.spec_from_file_location("words_tool", ROOT / "docs" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = tool()
SENTENCES = list(TOOL.sentences())


def holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def letters_of(sentence: str) -> int:
    """Of its own, outside of the holes."""
    return sum(letter.isalpha() for piece, *_ in string.Formatter().parse(sentence) for letter in piece)


def test_the_catalogue_has_what_the_code_says_and_nothing_else() -> None:
    known = {message.id for message in catalogue("vi") if message.id}
    assert sorted(set(SENTENCES) - known) == [], "run: make words"
    assert sorted(known - set(SENTENCES)) == [], "run: make words"


def test_every_sentence_has_its_vietnamese() -> None:
    assert [message.id for message in catalogue("vi") if message.id and not message.string] == []


@pytest.mark.parametrize("sentence", [one for one in SENTENCES if "\n" not in one])
def test_where_a_mistake_stands_is_no_part_of_what_is_said_of_it(sentence: str) -> None:
    text = sentence.format(**dict.fromkeys(holes(sentence), "xyz"))
    assert VI.of(f"lich nam.yaml:7:11: {text}") == f"lich nam.yaml:7:11: {VI.of(text)}"


def test_a_translation_has_no_holes_of_its_own() -> None:
    wrong = [
        message.id
        for message in catalogue("vi")
        if message.id and not holes(str(message.string)) <= holes(str(message.id))
    ]
    assert wrong == []


def test_spaces_at_the_ends_stay() -> None:
    wrong = [
        message.id
        for message in catalogue("vi")
        if message.id and message.string
        for text in [str(message.string)]
        if (message.id[:1].isspace(), message.id[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace())
    ]
    assert wrong == []


WORDS = st.text(alphabet=string.ascii_lowercase + "0123456789", min_size=1, max_size=8)


@given(st.data())
def test_a_sentence_is_recognised_whatever_stands_in_its_holes(data: st.DataObject) -> None:
    sentence = data.draw(st.sampled_from([one for one in SENTENCES if letters_of(one) > 15]))
    values = {name: f"«{data.draw(WORDS)}»" for name in holes(sentence)}
    if sentence.startswith("{number}"):
        values["number"] = str(data.draw(st.integers(0)))
    meaning = str(catalogue_of()[sentence])
    assert VI.of(sentence.format(**values)) == meaning.format(**values)


def catalogue_of() -> dict[str, str]:
    if not _FOUND:
        _FOUND.update({str(message.id): str(message.string) for message in catalogue("vi") if message.id})
    return _FOUND


_FOUND: dict[str, str] = {}


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("unknown channel or group 'x' (known: a, b)", "không biết kênh hoặc nhóm kênh 'x' (đã biết: a, b)"),
        (
            "'hotlin' is not defined (there are: agency, campaign)",
            "'hotlin' chưa được khai báo (đang có: agency, campaign)",
        ),
        (
            "unknown key 'aproval' (did you mean 'approval'?)",
            "không biết từ khóa 'aproval' (có phải ý bạn là 'approval'?)",
        ),
    ],
)
def test_what_stands_in_the_holes_is_told_apart_from_the_sentence(english: str, vietnamese: str) -> None:
    assert VI.of(english) == vietnamese


def test_sentences_within_sentences_are_said_too() -> None:
    inner = say("took longer than the time for it")
    outer = say("{trip}: the server {failure}; nothing was sent", trip="POST a.vn/x", failure=inner)
    said = VI.of(outer)
    assert said != outer
    assert VI.of(inner) in said


def test_a_mistake_keeps_its_place() -> None:
    assert VI.of("schedules.yaml:3:7: a value is missing here (write one, or delete the line)").startswith(
        "schedules.yaml:3:7: "
    )


@given(st.text(max_size=60))
def test_what_is_nobodys_sentence_stays_as_it_is(text: str) -> None:
    assert Words("en").of(text) == text
    VI.of(text)  # and nothing goes wrong


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["check"], {}, "en"),
        (["check", "--lang", "vi"], {}, "vi"),
        (["check", "--lang=vi"], {"PUBLISHER_LANG": "en"}, "vi"),
        (["check"], {"PUBLISHER_LANG": "vi", "LANG": "en_US.UTF-8"}, "vi"),
        (["check"], {"LANG": "vi_VN.UTF-8"}, "vi"),
        (["check"], {"LC_ALL": "C", "LANG": "vi_VN.UTF-8"}, "en"),
        (["check"], {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_asked_for_or_the_locales(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    try:
        assert choose(arguments, environment) == language
    finally:
        choose([], {})


def test_commands_speak_vietnamese(tmp_path: Path, sandbox: Sandbox) -> None:
    office = Office(tmp_path / "office", sandbox)
    office.plan()
    assert "Không có lỗi" in office.call("check", "--lang", "vi").said
    assert "đã lên lịch" in office.call("status", "--lang", "vi").said
    office.edit("at: 08:00", "at: 8h")
    mistakes = office.call("check", "--lang", "vi").said
    assert "schedules.yaml:8:" in mistakes
    assert "is not a time" not in mistakes
    assert "không" in mistakes
    helped = call("check", "--lang", "vi", "--help").said
    assert "show this help" not in helped
