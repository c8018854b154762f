"""Whose request it is, as far as an address can tell. Addresses stay in memory: no log and no disk has them."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPV6_PREFIX = 64
"""Whoever has one address of IPv6 has all of its network."""


IPV4 = 4
IPV4_AROUND, IPV6_AROUND = 24, 48
"""What one provider hands to one customer at most, or nearly."""


class Networks:
    """Asked by an address as the socket names it."""

    def __init__(self, found: Sequence[IPv4Network | IPv6Network]) -> None:
        self._found = tuple(found)

    def __contains__(self, text: str) -> bool:
        if not self._found:
            return False
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address in each for each in self._found)


def networks(texts: Sequence[str]) -> Networks:
    """From addresses (``10.0.0.2``) and networks (``10.0.0.0/24``). Raises ValueError."""
    return Networks([ip_network(text) for text in texts])


def address_of(text: str) -> str:
    """``192.0.2.7``, or of IPv6 the network ``2001:db8::/64``; "" for what is no address."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)


def network_around(text: str) -> str:
    """``192.0.2.0/24``, ``2001:db8:7::/48``; "" for what is no address."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, IPV4_AROUND if found.version == IPV4 else IPV6_AROUND), strict=False))
