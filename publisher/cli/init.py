"""`publisher init`: a workspace from a few questions, which runs at once against stand-in servers."""

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.registry import KINDS
from content.templates import Renderer
from publisher.beginning.answers import Answers
from publisher.beginning.making import IGNORED, SECRETS, files, prove
from publisher.beginning.putting import put, taken
from publisher.beginning.questions import Question, Wrong, interview
from publisher.cli.complaint import Complaint, Misuse
from publisher.cli.schema import texts
from publisher.cli.speaking import said, spoken, tell
from publisher.cli.tabling import columns

#: The zone of the plans that it writes; another is written in their first lines.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder to make (here)")
    parser.add_argument("--defaults", action="store_true", help="ask nothing: take the defaults")
    parser.add_argument(
        "--answer",
        action="append",
        type=_answer,
        default=[],
        metavar="NAME=TEXT",
        help="answer a question beforehand, e.g. --answer wordpress.username=publisher; may be given several times",
    )


def run(args: argparse.Namespace) -> int:
    folder: Path = args.folder or args.workspace
    _look(folder, ["schedules.yaml"])
    desk = _Desk(dict(args.answer), asks=not args.defaults)
    answers = interview(desk.ask, spoken(), KINDS, datetime.now(ZONE).date())
    desk.finish()
    made = {**files(answers, spoken().language), **texts()}
    with Renderer() as renderer:
        prove(made, renderer.render)
    _look(folder, made)
    keeps = (folder / IGNORED).exists()
    folder.mkdir(parents=True, exist_ok=True)
    put(folder, made)
    _tell(folder, answers, made, keeps=keeps)
    return 0


def _answer(text: str) -> tuple[str, str]:
    name, sign, answer = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(said("{text} is no answer (write NAME=TEXT)", text=repr(text)))
    return name.strip(), answer


class _Desk:
    """Where questions are put: to whoever sits at the terminal, unless they are answered beforehand."""

    def __init__(self, given: dict[str, str], *, asks: bool) -> None:
        self._given = given
        self._asks = asks
        self._asked: list[str] = []

    def ask(self, question: Question) -> object:
        """The value of an answer; a wrong one is asked for again."""
        self._asked.append(question.name)
        given = self._given.get(question.name)
        if given is None and self._asks:
            return self._from_terminal(question)
        try:
            return question.read(question.default if given is None else given)
        except Wrong as wrong:
            raise Misuse(said("the answer {name} cannot be: {reason}", name=question.name, reason=str(wrong))) from None

    def finish(self) -> None:
        """Misuse if something was answered that nobody asked."""
        for name in self._given:
            if name not in self._asked:
                questions = ", ".join(self._asked)
                raise Misuse(
                    said("there is no question {name} (there are: {questions})", name=name, questions=questions)
                )

    def _from_terminal(self, question: Question) -> object:
        if not sys.stdin.isatty():
            raise Misuse(
                said(
                    "nobody is here to be asked for {name} (run it in a terminal, give --answer {name}=TEXT, or take "
                    "all defaults with --defaults)",
                    name=question.name,
                )
            )
        if question.choices:
            print(columns(question.choices))
        while True:
            try:
                answer = input(f"{question.text} [{question.default}]: ")
            except EOFError:
                raise Complaint(said("It ended before all was answered; nothing was written.")) from None
            try:
                return question.read(answer if answer.strip() else question.default)
            except Wrong as wrong:
                tell("This cannot be: {reason}", reason=str(wrong))


def _look(folder: Path, paths: list[str] | dict[str, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise Complaint(said("{folder} is not a folder", folder=folder))
    for path in taken(folder, dict.fromkeys(paths, "")):
        raise Complaint(
            said("{path} is there already; init overwrites nothing (name another folder)", path=folder / path)
        )


def _tell(folder: Path, answers: Answers, made: dict[str, str], *, keeps: bool) -> None:
    tell("Made in {folder}:", folder=folder.resolve())
    print(columns([(path,) for path in sorted(made) if path != IGNORED or not keeps]))
    if keeps:
        tell(
            "{file} was there and is left as it is: add the lines /var/ and /{secrets}.", file=IGNORED, secrets=SECRETS
        )
    if answers.secrets:
        tell(
            "Secrets stand in no other file: write them into {file}, which only you can read: {names}.",
            file=SECRETS, names=", ".join(answers.secrets),
        )  # fmt: skip
    tell("What comes next:")
    print(columns(list(_steps(folder, answers))))


def _steps(folder: Path, answers: Answers) -> Iterator[tuple[str, str]]:
    if folder.resolve() != Path.cwd():
        yield f"cd {folder}", said("go there")
    yield "publisher check", said("look for mistakes")
    yield "publisher plan", said("see what goes out, and when")
    yield "publisher rehearse --out ../rehearsal", said("see every post, on stand-in servers")
    if answers.secrets:
        yield f". ./{SECRETS}", said("hand over the secrets that you wrote into it")
    yield "publisher run", said("publish, until you press Ctrl-C")
    if answers.approves:
        name = said("your name")
        yield f'publisher approve --as "{name}"', said("in a second terminal: let the texts go out")
