"""The command line. Verbs are modules of this package; only the one that was asked for is imported."""

import argparse
import importlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from content.words import LANGUAGES, phrase
from publisher.cli import speaking
from publisher.cli.complaint import Complaint, Misuse

#: verb: (module, what it does). The one place where a module is imported late: it keeps the start fast.
VERBS: dict[str, tuple[str, str]] = {
    "init": ("init", "make a workspace from a few questions"),
    "check": ("check", "find every mistake in schedules.yaml, what it includes, and the messages"),
    "schema": ("schema", "write JSON Schemas, by which an editor completes and checks the files while you type"),
    "plan": ("plan", "show what goes out, when and where"),
    "preview": ("preview", "show a message as each channel would show it, from the files as they are now"),
    "speak": ("speak", "show a text as an announcer reads it aloud"),
    "import": ("import_", "bring in a signed plan's table from Excel or CSV, after a look at what it would make"),
    "run": ("run", "publish on the cadence until stopped"),
    "rehearse": ("rehearse", "live through a period in seconds, against stand-in servers; touches nothing real"),
    "demo": ("demo", "play the sample campaign's first two weeks against stand-in servers"),
    "status": ("status", "show what is under way, and what needs a person"),
    "alerts": ("alerts", "show what is wrong, and who is told of it"),
    "approve": ("approve", "approve texts"),
    "send": ("send", "send one message to one channel now"),
    "correct": ("correct", "give what is out of a message the text that its file has now"),
    "withdraw": ("withdraw", "take what is out of a message from the public"),
    "story": ("story", "tell everything about one message"),
    "hold": ("hold", "stop deliveries until they are released"),
    "release": ("release", "let held, missed, failed, skipped or cancelled deliveries go on"),
    "pause": ("pause", "hold all that falls due: everything, of a campaign, or for a channel"),
    "resume": ("resume", "let go on what was paused"),
    "channels": ("channels", "show how every channel does; resume one"),
    "cancel": ("cancel", "take deliveries out"),
    "settle": ("settle", "end a doubt that only a person can end"),
    "log": ("log", "read the log of all that happened"),
    "db": ("db", "back up the database, or restore a backup"),
    "inbox": ("inbox", "show, renew or revoke the private links of agencies"),
}


#: What the machine says most, to be said in every language.
_OF_THE_MACHINE = (
    phrase("No such file or directory"),
    phrase("Permission denied"),
    phrase("Is a directory"),
    phrase("Not a directory"),
    phrase("File exists"),
    phrase("No space left on device"),
    phrase("Read-only file system"),
)


class Verb(Protocol):
    """What a verb's module has."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it; the exit code."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code: 0 well, 1 mistakes were found, 2 the command is not right."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show ends nothing
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if os.environ.get("PUBLISHER_DEBUG"):
        logging.getLogger("publisher").setLevel(logging.DEBUG)
    language = speaking.choose(words, os.environ)
    name = next((word for word in words if word in VERBS), None)
    module: Verb | None = importlib.import_module(f"publisher.cli.{VERBS[name][0]}") if name else None
    parser = _parser(name, module, language)
    args = parser.parse_args(words)
    if module is None:
        parser.print_help()
        return 2
    try:
        code = module.run(args)
        sys.stdout.flush()  # here, where a reader that has gone away is no error
        return code
    except Misuse as misuse:
        parser.error(str(misuse))
    except Complaint as complaint:
        speaking.show(complaint, file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # of the machine: a missing right, a full disk
        where = error.filename or speaking.said("The machine says")
        print(f"{where}: {speaking.said(error.strerror) if error.strerror else error}", file=sys.stderr)
        return 1
    except Exception as error:  # a bug: said in one line, its traceback only for those who ask for it
        logging.getLogger("publisher").debug("a bug", exc_info=True)
        speaking.warn("Publisher has met an error of its own: {error}", error=f"{type(error).__name__}: {error}")
        speaking.warn("Nothing that was committed is lost. Set PUBLISHER_DEBUG=1 and run it again to see where.")
        return 70
    except KeyboardInterrupt:
        return 130


def _parser(name: str | None, module: Verb | None, language: str) -> argparse.ArgumentParser:
    parser = speaking.Parser(
        prog="publisher",
        description="Campaigns leave on their cadence to websites, social channels and loudspeakers.",
        epilog="publisher VERB --help tells more about a verb.",
    )
    _add_language(parser, language)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb, (_, text) in VERBS.items():
        told = speaking.said(text)
        sub = verbs.add_parser(verb, help=text, description=told[0].upper() + told[1:] + ".")
        sub.add_argument(
            "--workspace", metavar="DIR", type=Path, default=Path(), help="the folder with schedules.yaml (here)"
        )
        _add_language(sub, language)
        if verb == name and module is not None:
            module.configure(sub)
    return parser


def _add_language(parser: argparse.ArgumentParser, language: str) -> None:
    """Before the verb or after it; `speaking.choose` has read it already."""
    parser.add_argument("--lang", choices=LANGUAGES, default=language, help="the language to speak (the locale's)")
