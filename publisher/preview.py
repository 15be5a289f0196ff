"""How a message would look on each channel, as its file is now: made by the real composer, and sent nowhere."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from channels.base import Channel, Look, Looks, Piece, Refused
from channels.registry import kind_of
from content.losses import losses
from content.message import Text
from content.plain import text_from_html
from content.post import Format, Post
from content.templates import TemplateError
from content.words import phrase, say
from publisher import revision as revisions
from publisher.composer import ComposeError, Moment, compose
from publisher.workspace import CAMPAIGNS, Workspace, Written

_KEY = "a" * 16
_OMITTED = {
    "summary": phrase("its summary is not shown there"),
    "link": phrase("its link is not shown there"),
    "image": phrase("its image is not shown there"),
    "tags": phrase("its tags are not shown there"),
}

_PARTS = {"summary": phrase("Summary"), "link": phrase("Link"), "tags": phrase("Tags")}

Render = Callable[[str, dict[str, Any]], str]


@dataclass(frozen=True)
class Preview:
    """One look of a message, and the channels that share it."""

    channels: tuple[str, ...]
    kind: str
    format: Format
    title: str
    longest_title: int | None
    posts: tuple[Post, ...]  # one for each piece, with that piece's text and image
    pieces: tuple[Piece, ...]
    parts: tuple[tuple[str, str], ...]  # what is shown beside the text: its label, and the part itself
    remarks: tuple[str, ...]
    lost: tuple[str, ...]  # what is left out, or not as it was written
    problem: str = ""  # why it cannot be made
    place: str = ""  # and where that is: file and line

    @property
    def look(self) -> tuple[object, ...]:
        """The same for all channels that share it."""
        return self.kind, self.format, self.title, self.pieces, self.parts, self.remarks, self.lost, self.problem


def goes_to(workspace: Workspace, campaign: str, message: str) -> list[str]:
    """The channels that the plan sends a message to; one of each kind for a message that it does not name yet."""
    schedules = workspace.schedules
    named = [
        name
        for schedule in schedules.campaigns[campaign].schedules
        if message in workspace.listing(schedule)
        for name in schedule.to
    ]
    kinds = {kind_of(channel): name for name, channel in reversed(list(schedules.channels.items()))}
    return list(dict.fromkeys(named or [name for name in schedules.channels if name in kinds.values()]))


def previews(
    workspace: Workspace, campaign: str, message: str, names: Sequence[str], at: datetime, render: Render
) -> list[Preview]:
    """The looks of a message on these channels, were it published at that time; each look once."""
    found: dict[tuple[object, ...], Preview] = {}
    for name in names:
        made = _Trial(workspace, campaign, message, workspace.schedules.channels[name], render).preview(at)
        known = found.get(made.look, replace(made, channels=()))
        found[made.look] = replace(known, channels=(*known.channels, name))
    return list(found.values())


class _Trial:
    """A message on one channel."""

    def __init__(self, workspace: Workspace, campaign: str, message: str, channel: Channel, render: Render) -> None:
        written = workspace.written(campaign, message)
        assert written is not None
        self._written: Written = written
        self._workspace, self._channel = workspace, channel
        self._campaign = workspace.schedules.campaigns[campaign]
        self._message = message
        self._render = render
        self._template: Text = written.message.template_for(kind_of(channel), channel.name)
        self._text = ""  # as it was rendered
        self._line: int | None = None  # of the file, where the template went wrong

    def preview(self, at: datetime) -> Preview:
        """How it looks, or why it cannot be made."""
        channel, title = self._channel, self._written.message.title
        bare = Preview((), kind_of(channel), channel.format, title, channel.limits.title, (), (), (), (), ())
        try:
            post = self._post(at)
            look = channel.look(post) if isinstance(channel, Looks) else _plainly(post, channel)
            parts = () if isinstance(channel, Looks) else tuple(_beside(post, channel))
        except (ComposeError, Refused) as error:
            place = f"{CAMPAIGNS}/{self._campaign.key}/{self._message}:{self._line or self._template.line}"
            return replace(bare, problem=str(error), place=place)
        posts = tuple(replace(post, text=piece.text, image=piece.image) for piece in look.pieces)
        lost = (*self._omitted(post, look), *self._lost())
        return replace(bare, posts=posts, pieces=look.pieces, parts=parts, remarks=look.remarks, lost=lost)

    def _post(self, at: datetime) -> Post:
        workspace = self._workspace
        revision = revisions.of_message(self._written, self._message, self._campaign, self._channel, workspace)
        moment = Moment(_KEY, at)
        return compose(revision, moment, self._channel, self._campaign, self._workspace, self._rendered, None)

    def _rendered(self, source: str, reads: dict[str, Any]) -> str:
        try:
            self._text = self._render(source, reads)
        except TemplateError as error:
            self._line = self._template.line + error.line - 1
            raise
        return self._text

    def _omitted(self, post: Post, look: Look) -> Iterator[str]:
        """The parts of the post that this kind has no place for, unless they stand in its text."""
        for part in self._channel.omits:
            value = getattr(post, part)
            stands = isinstance(value, str) and any(value in piece.text for piece in look.pieces)
            if value and not stands:
                yield _OMITTED[part]

    def _lost(self) -> Iterator[str]:
        source = self._template
        agrees = self._text.count("\n") == source.text.count("\n")  # else lines of the text are not those of the file
        for loss in losses(self._text, self._channel.format):
            if agrees:
                yield say("line {line} of the file: {what}", line=source.line + loss.line - 1, what=loss.sentence)
            else:
                yield loss.sentence


def _beside(post: Post, channel: Channel) -> Iterator[tuple[str, str]]:
    for part, label in _PARTS.items():
        value = getattr(post, part)
        if value and part not in channel.omits:
            yield label, value if isinstance(value, str) else ", ".join(value)


def _plainly(post: Post, channel: Channel) -> Look:
    """A post of a kind that says nothing of how it looks."""
    limits = channel.limits
    is_seen = limits.text is None and channel.format is Format.HTML  # without a limit, its marks count for nobody
    text = text_from_html(post.text) if is_seen else post.text
    length = len(text.encode("utf-16-le")) // 2 if limits.count == "utf16" else len(text)
    return Look((Piece(post.text, length, limits.text, None if "image" in channel.omits else post.image),))
