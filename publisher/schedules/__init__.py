"""schedules.yaml and the files that it includes, as frozen typed values, or every mistake in them with its place.

`load` reads them; `model` says what comes out; the other modules are steps between the two.
"""

from channels.mail import Mail
from publisher.cadence import Late, Then
from publisher.picking import Pick
from publisher.schedules.loader import load, load_folder
from publisher.schedules.model import (
    Agency,
    Alerts,
    Approval,
    Campaign,
    Feed,
    Receiver,
    Schedule,
    Schedules,
    Topic,
)

__all__ = [
    "Agency",
    "Alerts",
    "Approval",
    "Campaign",
    "Feed",
    "Late",
    "Mail",
    "Pick",
    "Receiver",
    "Schedule",
    "Schedules",
    "Then",
    "Topic",
    "load",
    "load_folder",
]
