"""The kinds of channels, by the name that `kind:` gives them. A new kind is one more line here."""

from collections.abc import Mapping
from types import MappingProxyType

from channels.base import Channel
from channels.email import Email
from channels.inbox import Inbox
from channels.loudspeaker import Loudspeaker
from channels.telegram import Telegram
from channels.wordpress import WordPress

KINDS: Mapping[str, type[Channel]] = MappingProxyType(
    {
        "email": Email,
        "inbox": Inbox,
        "loudspeaker": Loudspeaker,
        "telegram": Telegram,
        "wordpress": WordPress,
    }
)

_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(channel: Channel) -> str:
    """The name of a channel's kind, as `kind:` gives it."""
    return _NAMES[type(channel)]
