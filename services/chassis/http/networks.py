"""Which addresses of the internet we connect to where people have typed them: public ones only.

A name may lead to the deployment's own network, and so may an IPv6 address that only wraps an IPv4
one; whoever types it must not reach what only we can.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network

# Whose last 32 bits are an IPv4 address: RFC 6052's own prefix, and RFC 2765's.
_WRAPPING = (IPv6Network("64:ff9b::/96"), IPv6Network("::ffff:0:0:0/96"))
# What is not for everybody though Python's table, in some versions, calls it global: addresses
# that wrap others somewhere in the middle (RFC 8215), the old site-local ones, special ones, and
# the one under which a machine in Azure reaches its platform.
_SPECIAL: tuple[Network, ...] = (
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("fec0::/10"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
)


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of `127.0.0.0/8,fd00::/8`; raise ValueError."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def may_connect(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Tell whether the address is public, or in a network that the deployment allows."""
    try:
        given = ip_address(address.split("%", maxsplit=1)[0])  # without the zone of a link
    except ValueError:
        return False
    meant = _meant_by(given)
    if any(each in network for each in (given, meant) for network in allowed):
        return True
    special = any(meant in network for network in _SPECIAL)
    return meant.is_global and not meant.is_multicast and not special


def _meant_by(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address wraps."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _WRAPPING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or _compatible(address) or address


def _compatible(address: IPv6Address) -> IPv4Address | None:
    """Return the address of the old form ::192.0.2.1."""
    low = int(address)
    return IPv4Address(low) if 0xFFFF < low <= 0xFFFFFFFF else None
