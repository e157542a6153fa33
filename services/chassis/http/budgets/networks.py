"""Which network a request comes from: what one customer of a provider has, IPv4 /32, IPv6 /64."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Whoever comes by a socket file, or with an address that is none, shares one budget.
UNKNOWN = "unknown"
FORWARDED = b"x-forwarded-for"
_IPV6_BITS = 64


class TrustedProxies:
    """Finds the client behind the proxies of these networks; nobody else's word counts.

    A proxy adds the address that it sees at the end of X-Forwarded-For: read from there, the first
    that is not a trusted proxy's is the client. What stands before it the client may have made up.
    """

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self._networks = networks

    def network_of(self, scope: Scope) -> str:
        """Return the network of the client that sent the request."""
        peer = scope.get("client")
        client = address_of(peer[0]) if peer else None
        for said in _forwarded(scope):
            if client is None or not self._trusts(client):
                break
            named = address_of(said)
            if named is None:  # what the proxy says is no address: it is all that is known
                break
            client = named
        return UNKNOWN if client is None else network_of_address(client)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def networks_in(text: str) -> list[Network]:
    """Return the networks of a list with commas; raise ValueError for what is none."""
    return [ip_network(each.strip()) for each in text.split(",") if each.strip()]


def network_of_address(address: Address) -> str:
    """Return the network of one customer that the address belongs to."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address) >> _IPV6_BITS << _IPV6_BITS, _IPV6_BITS)))


@lru_cache(4096)
def address_of(text: str) -> Address | None:
    """Return the address that the text is, with a port or without, or None."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or found
    return found


def _forwarded(scope: Scope) -> Iterator[str]:
    """Return what X-Forwarded-For says, the last entry first."""
    for name, value in reversed(scope["headers"]):
        if name == FORWARDED:
            yield from reversed(value.decode("latin-1").split(","))
