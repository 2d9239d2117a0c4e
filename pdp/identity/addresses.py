"""From where a credential may be used."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from gatehold.invalid import InvalidInput

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_NETWORKS = 100


class AllowLists:
    """The networks of each tenant; a tenant without any may be called from everywhere."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._networks = {tenant: parse_networks(networks) for tenant, networks in lists.items()}

    def replace(self, tenant: str, networks: Iterable[str]) -> None:
        """From now on these are the tenant's."""
        self._networks[tenant] = parse_networks(networks)

    def of(self, tenant: str) -> tuple[str, ...]:
        """The tenant's networks, as text."""
        return tuple(str(network) for network in self._networks.get(tenant, ()))

    def admits(self, tenant: str, bound_address: str, peer: Callable[[], str]) -> bool:
        """Whether the tenant's credential may be used by that peer.

        Args:
            bound_address: the only address it may be used from; empty for any.
            peer: gives the caller in gRPC's spelling, for example `ipv4:127.0.0.1:50000`.
        """
        networks = self._networks.get(tenant, ())
        if not networks and not bound_address:
            return True
        address = peer_address(peer())
        if address is None:
            return False
        if bound_address and address != _plain(ipaddress.ip_address(bound_address)):
            return False
        return not networks or contains(networks, address)


def contains(networks: Iterable[Network], address: Address) -> bool:
    """Whether the address is in one of the networks."""
    return any(address in network for network in networks)


def parse_networks(networks: Iterable[str], field: str = "networks") -> tuple[Network, ...]:
    """Reads networks. Raises InvalidInput on `field` for the first that is none, and for more than 100."""
    parsed = tuple(_network(text, f"{field}[{at}]") for at, text in enumerate(networks))
    if len(parsed) > MOST_NETWORKS:
        raise InvalidInput(field, f"has more than {MOST_NETWORKS} items")
    return parsed


def parse_address(text: str, field: str) -> str:
    """Returns the one spelling of an address. Raises InvalidInput on `field`."""
    try:
        return str(_plain(ipaddress.ip_address(text)))
    except ValueError:
        raise InvalidInput(field, f"{text!r} is not an IPv4 or IPv6 address") from None


def peer_address(peer: str) -> Address | None:
    """The address of a caller in gRPC's spelling; None for one that has none, such as a Unix socket.

    Spelling: https://github.com/grpc/grpc/blob/master/doc/naming.md, with the IPv6 address in percent-encoded brackets.
    """
    scheme, _, rest = peer.partition(":")
    if scheme not in ("ipv4", "ipv6"):
        return None
    host = unquote(rest).rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        return _plain(ipaddress.ip_address(host))
    except ValueError:
        return None


def _network(text: str, field: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise InvalidInput(field, f"is not an IPv4 or IPv6 network: {error}") from None


def _plain(address: Address) -> Address:
    """An IPv4 address that came in IPv6's clothes is the IPv4 address (RFC 4291, section 2.5.5.2)."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
