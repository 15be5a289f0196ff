"""Tells people through any service that the library Apprise knows: chats, telephones, an address of one's own.

The address of a service holds its keys. So nothing that the library says is repeated or logged, and an error
tells only what to check.
"""

import logging
import threading
from contextlib import suppress

import apprise

from channels.base import Refused, TryLater

#: Characters that every chat takes in one message.
LONGEST = 1800

logging.getLogger("apprise").disabled = True  # it would log addresses

_ASSET = apprise.AppriseAsset(
    app_id="Publisher",
    app_desc="Publisher",
    app_url="",
    image_url_mask="",  # its pictures would be fetched from another's server
    image_url_logo="",
    async_mode=False,
)


def notify(address: str, title: str, body: str, *, deadline: float = 30.0) -> None:
    """Hand plain text to the service at an address of Apprise, within `deadline` seconds.

    Raises Refused if it is no such address, TryLater if the service did not take the text in time.
    """
    service = apprise.Apprise(asset=_ASSET)
    if not service.add(address):
        raise Refused("this is no address of a service that Apprise knows (write it as its documentation says)")
    answers: list[bool] = []

    def run() -> None:
        with suppress(Exception):  # of a plugin, whose words may hold the address: it did not take it
            taken = service.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
            answers.append(bool(taken))

    thread = threading.Thread(target=run, name="service", daemon=True)  # nothing in it can be interrupted
    thread.start()
    thread.join(deadline)
    if thread.is_alive():
        raise TryLater("the service took longer than the time for it")
    if answers != [True]:
        raise TryLater("the service did not take it (check its address and its keys)")
