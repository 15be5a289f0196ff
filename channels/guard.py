"""Where a request may go: host names become addresses once, in time, and inside networks stay closed.

The addresses that are checked here are the very ones that `wire` connects to, so a name that changes its
addresses between a check and a connection gains nothing. Ranges: the special-purpose registries of RFC 6890.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple
from urllib.parse import urlsplit

AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]  # one answer of socket.getaddrinfo
Resolve = Callable[[str, int], Sequence[AddressInfo]]  # host, port; raises OSError where the name is not known
Address = tuple[int, tuple[Any, ...]]  # family and what `connect` takes; the first of it is the address as text

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
#: Ranges and machines that Python 3.11 takes for global, though they belong to one network or to nobody.
_CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # the metadata service of one large hoster, on a public-looking address
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # former 6to4 relays
        "3fff::/20",  # documentation
    )
)


class Forbidden(Exception):
    """The host leads into an inside network, and nobody allowed it by name."""


class Unfit(Exception):
    """The request cannot be sent as it is."""


class Origin(NamedTuple):
    """Scheme, host and port: what a credential belongs to."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """The origin of an http or https address without a user name; Unfit otherwise."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise Unfit("the address is not one of http or https, or has a user name in it")
        return cls(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{host}" + ("" if usual else f":{self.port}")


def look_up(host: str, port: int, resolve: Resolve, seconds: float) -> list[Address]:
    """The addresses of a host, each once, in the order of the answer.

    Raises TimeoutError when `resolve` takes longer than `seconds`, OSError when there is no address, and
    UnicodeError when the name cannot be one.
    """
    literal = _literal(host)
    if literal is not None:
        found: Sequence[AddressInfo] = socket.getaddrinfo(
            literal, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
    else:
        found = _in_time(lambda: resolve(host, port), seconds)
    addresses = list(dict.fromkeys((int(family), sockaddr) for family, _, _, _, sockaddr in found))
    if not addresses:
        raise socket.gaierror("the name has no address")
    return addresses


def refuse_inside(host: str, port: int, addresses: Sequence[Address], allow: Collection[str]) -> None:
    """Raises Forbidden if any of the addresses is not public, unless `allow` names the host.

    `allow` holds host names and IP literals in lower case, each alone or with `:port`, exactly as an address
    bar would show them. One bad address closes the name: picking the others would leave the choice to chance.
    """
    shown = f"[{host}]" if ":" in host else host
    if {host, shown, f"{shown}:{port}"} & set(allow):
        return
    if not all(is_public(sockaddr[0]) for _, sockaddr in addresses):
        raise Forbidden(
            f"{shown} leads into an inside network, which addresses from outside may not reach "
            f"(if it is meant, add {shown} to `allow_hosts` in schedules.yaml)"
        )


def is_public(address: str) -> bool:
    """Whether an address, as text, is that of one machine on the open Internet.

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) counts for itself.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _CLOSED)


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _literal(host: str) -> str | None:
    """The address that a host is written as, also in the decimal, hex and octal forms of inet_aton."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _in_time(ask: Callable[[], Sequence[AddressInfo]], seconds: float) -> Sequence[AddressInfo]:
    """The system's resolver cannot be interrupted: it is left behind in a thread of its own when it is late."""
    answer: Future[Sequence[AddressInfo]] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="name look-up", daemon=True).start()
    return answer.result(timeout=max(seconds, 0))
