"""New rows in a YAML file: whatever its layout, all that stood in it stays byte for byte, or it is refused."""

import textwrap

import pytest

from content.yaml12 import Mistakes, read
from publisher.importing.insertion import insert

ROWS = ["{days: 2022-03-01, at: 07:00, content: a.md, to: x}", "{days: 2022-03-02, at: 07:00, content: b.md, to: x}"]
TOP = "timezone: UTC\ncampaigns:\n"
C = "  c:\n    schedules:\n"


def inserted(text: str, *, add: bool = False, end: str = "\n", name: str = "moi") -> tuple[str, list[str]]:
    """The file afterwards, and the new lines; the test has seen that nothing else has changed."""
    before = text.replace("\n", end).encode()
    made = insert(before, "schedules.yaml", "c", name, ROWS, add=add)
    after = made.data.decode().split(end)
    lines = made.piece.splitlines()
    start = made.first_row - 1 - (len(lines) - len(ROWS))
    assert after[start : start + len(lines)] == lines
    old = after[:start] + after[start + len(lines) :]
    assert end.join(old).encode() in (before, before + end.encode())  # a last line without an end gets one
    assert [line.strip() for line in after[made.first_row - 1 :][: len(ROWS)]] == [f"- {row}" for row in ROWS]
    value = read(made.data, "schedules.yaml").value["campaigns"]["c"]["schedules"][name]
    assert value[-2:] == [read(row.encode(), "").value for row in ROWS]
    return made.data.decode(), lines


BODIES = {
    "at the end": "  c:\n    title: C\n    schedules:\n      s:\n        to: x\n",
    "without a last line end": "  c:\n    title: C\n    schedules:\n      s:\n        to: x",
    "before another key": C + "      s: {to: x}\n    title: C\n",
    "before another campaign": C + "      s: {to: x}\n\n  # of d\n  d:\n    title: D\n",
    "with comments":
        "  c:  # c\n    schedules:  # s\n      # a\n      s:  # b\n        to: x  # d\n        # e\n    # f\n",
    "after a text in lines": C + "      s:\n        to: |\n          a\n          b\n\n\n# end\n",
    "after a folded text": C + "      s:\n        to: >-\n          a\n\n          b\n  d: {}\n",
    "after a list over lines": C + "      s:\n        to: [a,\n          b]  # both\n    title: C\n",
    "after quotes over lines": C + "      s:\n        to: 'a\n\n          b'\n    title: C\n",
    "after a plain text over lines": C + "      s:\n        to: a\n          b\n    title: C\n",
    "after an alias": "  b: &b {title: B}\n  c:\n    schedules:\n      s: *b\n    title: C\n",
    "after nothing": C + "      s:\n    title: C\n",
    "after a table": C + "      s:\n      - {to: x}\n      - {to: y}\n    title: C\n",
    "wide": "      c:\n            schedules:\n                  s:\n                      to: x\n",
    "without schedules": "  c:\n    title: C\n  d:\n    title: D\n",
    "schedules without anything": "  c:\n    title: C\n    schedules:   # none yet\n    approval: none\n",
    "schedules at the very end": "  c:\n    title: C\n    schedules:",
    "the end of a document": C + "      s: {to: x}\n...\n",
    "quoted keys": "  'c':\n    \"schedules\":\n      's': {to: x}\n",
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_new_schedule_in_every_layout(body: str, end: str) -> None:
    inserted(TOP + body, end=end)


def test_where_the_lines_come() -> None:
    _, lines = inserted(TOP + BODIES["with comments"])
    assert lines == ["", "      moi:", *(f"        - {row}" for row in ROWS)]
    after, _ = inserted(TOP + BODIES["with comments"])
    assert after.index("# e") < after.index("moi:") < after.index("# f")
    _, lines = inserted(TOP + BODIES["without schedules"])
    assert lines == ["    schedules:", "      moi:", *(f"        - {row}" for row in ROWS)]


def test_a_byte_order_mark_stays() -> None:
    data = b"\xef\xbb\xbf" + (TOP + BODIES["at the end"]).encode()
    assert insert(data, "schedules.yaml", "c", "moi", ROWS, add=False).data.startswith(data)


TABLES = {
    "in the key's column": C + "      moi:\n      - {to: x}  # one\n      # - {to: y}\n      s: {to: z}\n",
    "further in": C + "      moi:   # the plan\n\n          - {to: x}\n          # - {to: y}\n    title: C\n",
    "rows over lines": C + "      moi:\n        - to: x\n          at: 08:00\n        - {to: y,\n           at: 1}\n",
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("body", TABLES.values(), ids=TABLES)
def test_more_rows_in_every_layout(body: str, end: str) -> None:
    after, lines = inserted(TOP + body, add=True, end=end)
    assert len(lines) == len(ROWS)
    if "# - {to: y}" in body:
        assert after.index("# - {to: y}") < after.index("a.md")


@pytest.mark.parametrize(
    ("body", "add", "text"),
    [
        ("  c: {title: C}\n", False, "schedules.yaml:3:3: this campaign stands in braces"),
        ("  c:\n    schedules: {s: {to: x}}\n", False, "schedules.yaml:4:16: these schedules stand in braces"),
        ("  c:\n    schedules: {}\n", False, "schedules.yaml:4:16: nothing can be added to what stands here"),
        ("  c:\n    schedules: ~\n", False, "schedules.yaml:4:16: nothing can be added to what stands here"),
        ("  c:\n    schedules: &a\n      s: {to: x}\n", False, "stand in braces"),
        (
            C + "      moi: [{to: x}]\n",
            True,
            "schedules.yaml:5:12: the rows of this schedule stand in",
        ),
        ("  b: &b\n    s: {to: x}\n  c:\n    schedules: *b\n", False, "stand in braces"),
    ],
)
def test_what_is_not_laid_out_in_lines_is_refused(body: str, add: bool, text: str) -> None:
    with pytest.raises(Mistakes) as error:
        insert((TOP + body).encode(), "schedules.yaml", "c", "moi", ROWS, add=add)
    assert text in str(error.value)


def test_a_mapping_that_is_repeated_elsewhere_is_not_changed() -> None:
    text = textwrap.dedent("""\
        campaigns:
          b:
            schedules: &s
              s: {to: x}
          c:
            title: C
            schedules: *s
        """)
    with pytest.raises(Mistakes):
        insert(text.encode(), "schedules.yaml", "c", "moi", ROWS, add=False)
    with pytest.raises(Mistakes):
        insert(text.encode(), "schedules.yaml", "b", "moi", ROWS, add=False)


def test_a_text_that_ends_with_the_file_would_change() -> None:
    body = C + "      s:\n        to: |\n          a"
    with pytest.raises(Mistakes, match="end its last line"):
        insert((TOP + body).encode(), "schedules.yaml", "c", "moi", ROWS, add=False)
    inserted(f"{TOP}{body}\n")


def test_a_name_that_is_a_number_stays_a_name() -> None:
    inserted(TOP + BODIES["at the end"], name="2022")
    inserted(TOP + BODIES["at the end"], name="null")


def test_a_file_that_would_be_too_large() -> None:
    row = "{days: 2022-03-01, at: 07:00, content: a.md, to: x}"
    with pytest.raises(Mistakes, match="larger than 2 MiB"):
        insert((TOP + BODIES["at the end"]).encode(), "schedules.yaml", "c", "moi", [row] * 40_000, add=False)
