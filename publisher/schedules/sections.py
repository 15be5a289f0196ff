"""What may stand in the files: the keys of each section, and the type of each value."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from content.values import Url
from publisher.cadence import IfHoliday, Then
from publisher.picking import Pick
from publisher.schedules.fields import (
    At,
    Content,
    Date,
    Day,
    Excepted,
    Length,
    Many,
    QuietHours,
    Some,
    Step,
    Text,
)
from publisher.schedules.model import Approval

#: Sections: mappings whose entries may stand in several files.
CAMPAIGNS, AGENCIES, CHANNELS, GROUPS, DEFAULTS = "campaigns", "agencies", "channels", "groups", "defaults"
SECTIONS = (CAMPAIGNS, AGENCIES, CHANNELS, GROUPS, DEFAULTS)
TIMEZONE, HOLIDAYS, ALLOW_HOSTS, INCLUDE = "timezone", "holidays", "allow_hosts", "include"
TOP_KEYS = (TIMEZONE, HOLIDAYS, INCLUDE, *SECTIONS, ALLOW_HOSTS)

#: A feed without `limit` sends at most so many items a slot: a site's whole archive must not go out at once.
FEED_LIMIT = 10


class Section(BaseModel):
    """A mapping of the files; keys that it does not know are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LateSection(Section):
    """`late`."""

    grace: Length | None = None
    then: Then | None = None


class DefaultsSection(Section):
    """`defaults`: for every schedule that does not say otherwise."""

    late: LateSection | None = None
    quiet: Some[QuietHours] | None = None


class AgencySection(Section):
    """An entry of `agencies`."""

    name: Text
    parent: str | None = None


class CampaignSection(Section):
    """An entry of `campaigns`, without its schedules."""

    title: Text
    document: Text | None = None
    first: Date | None = Field(default=None, alias="from")
    last: Date | None = Field(default=None, alias="until")
    approval: Approval = Approval.NONE
    facts: dict[str, Any] = Field(default_factory=dict)


class ScheduleSection(Section):
    """An entry of `schedules`, or a row of a table."""

    content: Content | None = None
    feed: Url | None = None
    match: Many[Text] = ()
    limit: int = Field(default=FEED_LIMIT, strict=True, ge=1, le=1000)
    pick: Pick = Pick.NEXT
    days: Many[Day] = ()
    every: Step | None = None
    excepted: Many[Excepted] = Field(default=(), alias="except")
    if_holiday: IfHoliday = IfHoliday.SEND
    at: Many[At] = ()
    cron: Text | None = None
    first: Date | None = Field(default=None, alias="from")
    last: Date | None = Field(default=None, alias="until")
    to: Many[Text] = ()  # `rules` demands it: what else is wrong with a schedule without it is to be found too
    spread: Length = timedelta(0)
    rest: Length | None = None
    late: LateSection | None = None
    quiet: Some[QuietHours] | None = None
