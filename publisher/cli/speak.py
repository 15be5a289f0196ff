"""`publisher speak`: a text as an announcer reads it aloud; what cannot be read for certain is told beside it."""

import argparse
import sys
from pathlib import Path

from content.characters import normal
from content.proofreading.announcer import advice
from content.speech import Speech, speech
from content.speech.lexicon import read_lexicon
from content.yaml12 import Mistake, Mistakes
from publisher.cli.complaint import Complaint
from publisher.cli.speaking import show
from publisher.workspace import LEXICON


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="a text in UTF-8 (standard input)")


def run(args: argparse.Namespace) -> int:
    if not args.workspace.is_dir():
        raise Complaint(f"{args.workspace} is not a folder")
    name = args.file if args.file and args.file != "-" else ""
    data = Path(name).read_bytes() if name else sys.stdin.buffer.read()
    try:
        text = normal(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Complaint(f"{name or '-'}:1:1: this is not UTF-8 (save the file with that encoding)") from None
    spoken = _speech(args.workspace).speak(text)
    sys.stdout.write(spoken.text)
    if spoken.text and not spoken.text.endswith("\n"):
        sys.stdout.write("\n")
    for doubt in spoken.doubts:
        line, start = text.count("\n", 0, doubt.start) + 1, text.rfind("\n", 0, doubt.start)
        told = advice(text[doubt.start : doubt.end], doubt)
        show(Mistake(name or "-", line, doubt.start - start, told), file=sys.stderr)
    return 0


def _speech(workspace: Path) -> Speech:
    """With the lexicon of the workspace, if there is one."""
    try:
        own = read_lexicon((workspace / LEXICON).read_bytes(), LEXICON)
    except FileNotFoundError:
        return speech()
    except Mistakes as found:
        raise Complaint("\n".join(map(str, found.mistakes))) from None
    return speech(tuple(own.items()))
