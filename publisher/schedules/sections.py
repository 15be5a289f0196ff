"""What may stand in the files: the keys of each section, and the type of each value."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from channels.mail import Security
from content.values import ClockTime, Email, Emails, Host, Secret, Size, Url
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
from publisher.schedules.model import Approval, Topic

#: Sections: mappings whose entries may stand in several files.
CAMPAIGNS, AGENCIES, CHANNELS, GROUPS, DEFAULTS = "campaigns", "agencies", "channels", "groups", "defaults"
SECTIONS = (CAMPAIGNS, AGENCIES, CHANNELS, GROUPS, DEFAULTS)
TIMEZONE, HOLIDAYS, ALLOW_HOSTS, INCLUDE = "timezone", "holidays", "allow_hosts", "include"
MAIL, ALERTS = "mail", "alerts"
TOP_KEYS = (TIMEZONE, HOLIDAYS, INCLUDE, *SECTIONS, ALLOW_HOSTS, MAIL, ALERTS)

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
    contact: Emails = ()


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


class MailSection(Section):
    """`mail`."""

    host: Host
    port: int | None = Field(default=None, strict=True, ge=1, le=65535)
    security: Security = Security.STARTTLS
    username: Text | None = None
    password: Secret | None = None
    sender: Email = Field(alias="from")


class ReceiverSection(Section):
    """An entry of `to` in `alerts`."""

    email: Many[Email] | None = None
    apprise: Secret | None = None
    about: Many[Topic] = tuple(Topic)
    campaigns: Many[Text] | None = None
    agencies: Many[Text] | None = None


class AlertsSection(Section):
    """`alerts`, without those who are told."""

    lang: Literal["vi", "en"] = "vi"
    approval_before: Length = timedelta(hours=24)
    oldest_due: Length = timedelta(minutes=15)
    in_doubt: Length = timedelta(minutes=15)
    disk_free: Size = 500_000_000
    remind: Length = timedelta(hours=24)
    digest: ClockTime | None = None
    ping: Secret | None = None
