"""How verbs are told which message is meant: by campaign and path, or by the file's path."""

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from publisher.cli.complaint import Complaint
from publisher.workspace import CAMPAIGNS, Workspace


def named(text: str, workspace: Workspace, also: Collection[tuple[str, str]] = ()) -> tuple[str, str]:
    """Campaign and path of the message that a text means. `also`: messages that have no file any more."""
    path = Path(text).as_posix().removeprefix("./")
    _, _, below = path.rpartition(f"{CAMPAIGNS}/")
    campaign, _, message = below.partition("/")
    if workspace.written(campaign, message) or (campaign, message) in also:
        return campaign, message
    known = [f"{campaign}/{path}" for campaign, messages in workspace.messages.items() for path in messages]
    near = get_close_matches(below, known, n=1) or known[:1] or ["campaign/message.md"]
    raise Complaint(f"there is no message {text!r} in the plan that is in force (write it like {near[0]})")
