"""The whole corpus: every family by its name."""

from collections.abc import Mapping

from tests.hostile.answers import ANSWERS
from tests.hostile.causes import Cause, Family
from tests.hostile.commands import COMMANDS
from tests.hostile.feeds import FEEDS
from tests.hostile.images import IMAGES
from tests.hostile.inboxes import INBOXES
from tests.hostile.markup import MARKUP
from tests.hostile.messages import MESSAGES
from tests.hostile.names import NAMES
from tests.hostile.pages import PAGES
from tests.hostile.plans import PLANS
from tests.hostile.records import RECORDS
from tests.hostile.servers import SERVERS
from tests.hostile.settings import SETTINGS
from tests.hostile.templates import TEMPLATES

ALL: Mapping[str, Family] = {
    family.name: family
    for family in (
        PLANS,
        MESSAGES,
        TEMPLATES,
        NAMES,
        MARKUP,
        FEEDS,
        ANSWERS,
        SERVERS,
        IMAGES,
        SETTINGS,
        PAGES,
        INBOXES,
        COMMANDS,
        RECORDS,
    )
}
CAUSES: tuple[Cause, ...] = tuple(cause for family in ALL.values() for cause in family.causes.values())
