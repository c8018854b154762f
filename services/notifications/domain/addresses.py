"""Where a webhook may lead: to the open internet, and into a private range only by a row of an administrator's. Pure.

The same rule is asked of what is written (when it is subscribed) and of what a name stands for (at each connection).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Range = ipaddress.IPv4Network | ipaddress.IPv6Network
PRIVATE: tuple[Range, ...] = tuple(
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""What a row may allow. Never this machine itself, its neighbours on the wire (169.254/16, fe80::/10: there a cloud
tells its secrets), or what is no address of one machine.
"""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
_URL = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^/?#:@\[\]\\%]+)(?::(\d{1,5}))?(/[^#\\]*|\?[^#\\]*)?")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?")
WEB_PORTS = frozenset({80, 443})
OWN_PORTS = range(1024, 65_536)
"""Below them other services listen than webhooks'."""


class NoAddress(ValueError):
    """It is no address that a webhook may have."""


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """Host and port: what a log may name."""
        return f"{self.host}:{self.port}"

    @property
    def shown(self) -> str:
        """Without what stands behind a question mark."""
        return f"{self.scheme}://{self.host}:{self.port}{self.path.partition('?')[0]}"


def target_of(url: str) -> Target:
    """Raises `NoAddress`: no login in it, no fragment, a name or an address as it is usually spelled, a fit port."""
    found = _URL.fullmatch(url)
    if found is None:
        raise NoAddress("form")
    scheme, host, said, path = found.groups()
    host = host.lower()
    port = int(said) if said else 443 if scheme == "https" else 80
    if port not in WEB_PORTS and port not in OWN_PORTS:
        raise NoAddress("port")
    if literal(host) is None and not _NAME.fullmatch(host):
        raise NoAddress("host")  # 0x7f000001, 2130706433, 0177.0.0.1: numbers that some read as an address
    return Target(scheme, host, port, path if path and path.startswith("/") else f"/{path or ''}")


def literal(host: str) -> Address | None:
    """The address that stands there in its usual spelling; None: it is a name, or nothing."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def real(address: Address) -> Address:
    """Where it leads: what is wrapped in an address of version 6 is looked at itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return inner
    return address


def is_allowed(address: Address, ranges: Iterable[Range]) -> bool:
    """Into a private range by a row."""
    leads = real(address)
    return any(leads.version == each.version and leads in each for each in ranges)


def is_public(address: Address) -> bool:
    """An address of one machine on the open internet."""
    leads = real(address)
    return leads.is_global and not (leads.is_multicast or leads.is_reserved or leads.is_unspecified)


def may_connect(address: Address, scheme: str, ranges: Iterable[Range]) -> bool:
    """Without TLS only into an allowed range."""
    return is_allowed(address, ranges) or (scheme == "https" and is_public(address))


def range_of(said: str) -> Range:
    """A range that a row may allow; raises `NoAddress` for any other."""
    try:
        found = ipaddress.ip_network(said.strip(), strict=True)
    except ValueError:
        raise NoAddress("range") from None
    if not any(found.version == each.version and found.subnet_of(each) for each in PRIVATE):  # type: ignore[arg-type]
        raise NoAddress("range")
    return found


def checked(url: str, ranges: Iterable[Range]) -> Target:
    """As it is subscribed: what stands there as an address is looked at already. Raises `NoAddress`."""
    target = target_of(url)
    address = literal(target.host)
    if address is not None and not may_connect(address, target.scheme, ranges):
        raise NoAddress("private")
    return target
