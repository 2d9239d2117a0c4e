"""Which addresses a message may be sent to.

Beyond loopback nothing but TLS is spoken, and nothing is sent before the certificate has been verified.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_NOBODYS = IPv4Network("240.0.0.0/4")  # reserved, and the broadcast


def may_send(address: Address, plain: bool) -> bool:
    """Whether a message may be sent there. Private networks and loopback are: receivers run there.

    Args:
        plain: without TLS, which is for loopback alone.
    """
    reached = _reached(address)
    if plain:
        return reached.is_loopback
    # Link-local is where clouds keep the credentials of a machine.
    refused = reached.is_link_local or reached.is_multicast or reached.is_unspecified
    return not (refused or reached in _NOBODYS)


def _reached(address: Address) -> Address:
    """What a packet to it arrives at: some forms of IPv6 addresses carry one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address
