"""schedules.yaml → frozen typed values, or every mistake with its file, line and column."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from channels.base import Channel
from channels.registry import KINDS
from content.yaml12 import SIZE_LIMIT, Mistakes
from publisher.schedules import advice, settings
from publisher.schedules.alerts import read_alerts
from publisher.schedules.bodies import read_agencies, read_channels, read_groups
from publisher.schedules.campaigns import Around, read_campaigns
from publisher.schedules.files import gather
from publisher.schedules.findings import Findings
from publisher.schedules.mail import read_mail
from publisher.schedules.model import Schedules
from publisher.schedules.sections import CAMPAIGNS, CHANNELS, HOLIDAYS
from publisher.schedules.tables import Clashes


def load_folder(directory: Path, *, kinds: Mapping[str, type[Channel]] = KINDS) -> Schedules:
    """The plan of the workspace in a folder. Raises Mistakes with every mistake of all files."""

    def read(path: str) -> bytes:
        with (directory / path).open("rb") as file:
            return file.read(SIZE_LIMIT + 1)  # enough to see that it is too large

    return load(read, kinds=kinds)


def load(
    read: Callable[[str], bytes], *, kinds: Mapping[str, type[Channel]] = KINDS, start: str = "schedules.yaml"
) -> Schedules:
    """The plan that begins in the file `start`. Raises Mistakes with every mistake of all files.

    `read` gives the bytes of a file by its path below the workspace, with `/`, and raises OSError. `kinds` are
    the kinds of channels by name.
    """
    with _without_collection():
        return _load(read, kinds, start)


@contextmanager
def _without_collection() -> Iterator[None]:
    """A plan has no cycles to collect, and looking for them would take a third of the time of a large one."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(read: Callable[[str], bytes], kinds: Mapping[str, type[Channel]], start: str) -> Schedules:
    findings = Findings()
    files = gather(read, start, findings)
    settings.check_presence(files, findings)
    zone = settings.read_timezone(files, findings)
    calendar, holidays = settings.read_holidays(files, findings)
    late, quiet = settings.read_defaults(files, findings)
    agencies = read_agencies(files, findings)
    mail = read_mail(files, findings)
    channels = read_channels(files, kinds, mail, findings)
    groups = read_groups(files, findings)
    around = Around(
        channels=channels,
        channel_names=files.entries(CHANNELS),
        groups=groups,
        calendar=calendar is not None or HOLIDAYS in files.keys,
        late=late,
        quiet=quiet,
        clashes=Clashes(channels, zone, holidays),
    )
    campaigns = read_campaigns(files.entries(CAMPAIGNS), around, findings)
    schedules = Schedules(
        timezone=zone,
        holidays=calendar,
        campaigns=campaigns,
        agencies=agencies,
        channels=channels,
        groups=groups,
        allow_hosts=settings.read_hosts(files, findings),
        sources=files.sources,
        warnings=(),
        mail=mail,
        alerts=read_alerts(files, findings),
        channel_places={name: node.place(key=True) for name, node in around.channel_names.items()},
    )
    if findings.mistakes:
        raise Mistakes(findings.mistakes)
    findings.warnings += advice.on_sessions(schedules.schedules, channels, around.channel_names)
    return replace(schedules, warnings=tuple(sorted(set(findings.warnings))))
