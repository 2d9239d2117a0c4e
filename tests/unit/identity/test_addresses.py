"""From where a credential may be used."""

import pytest

from gatehold.invalid import InvalidInput
from pdp.identity.addresses import AllowLists, parse_address, parse_networks, peer_address

FROM = "ipv4:10.1.2.3:5000"


def admits(peer: str, networks: list[str], bound: str = "") -> bool:
    return AllowLists({"t": networks}).admits("t", bound, lambda: peer)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:10.1.2.3:5000", "10.1.2.3"),
        ("ipv6:[::1]:5000", "::1"),
        ("ipv6:%5B::1%5D:5000", "::1"),
        ("ipv6:%5Bfe80::1%25eth0%5D:5000", "fe80::1"),
        ("ipv6:[::ffff:10.1.2.3]:5000", "10.1.2.3"),
        ("unix:", None),
        ("unix:/run/pdp.sock", None),
        ("ipv4:", None),
        ("ipv4:10.1.2:5000", None),
        ("", None),
        ("dns:localhost:5000", None),
    ],
)
def test_a_caller_has_the_address_of_its_connection(peer: str, address: str | None) -> None:
    found = peer_address(peer)
    assert (None if found is None else str(found)) == address


def test_without_a_list_everybody_is_let_in_and_nobody_is_looked_at() -> None:
    def looked() -> str:
        raise AssertionError

    assert AllowLists({}).admits("t", "", looked)
    assert AllowLists({"other": ["10.0.0.0/8"]}).admits("t", "", looked)


@pytest.mark.parametrize(
    ("peer", "networks", "let_in"),
    [
        (FROM, ["10.0.0.0/8"], True),
        (FROM, ["192.168.0.0/16", "10.1.2.3/32"], True),
        (FROM, ["10.1.2.4"], False),
        ("ipv6:[::ffff:10.1.2.3]:1", ["10.0.0.0/8"], True),
        ("ipv6:[2001:db8::1]:1", ["10.0.0.0/8"], False),
        ("ipv6:[2001:db8::1]:1", ["2001:db8::/32"], True),
        ("unix:/run/pdp.sock", ["0.0.0.0/0", "::/0"], False),
        ("nonsense", ["0.0.0.0/0"], False),
    ],
)
def test_a_list_lets_in_its_networks_alone(peer: str, networks: list[str], let_in: bool) -> None:
    assert admits(peer, networks) is let_in


@pytest.mark.parametrize(
    ("peer", "bound", "let_in"),
    [
        (FROM, "10.1.2.3", True),
        (FROM, "10.1.2.4", False),
        ("ipv6:[::ffff:10.1.2.3]:1", "10.1.2.3", True),
        (FROM, "::ffff:10.1.2.3", True),
        ("unix:/run/pdp.sock", "10.1.2.3", False),
    ],
)
def test_a_bound_credential_works_from_its_address_alone(peer: str, bound: str, let_in: bool) -> None:
    assert admits(peer, [], bound) is let_in
    assert not admits(peer, ["172.16.0.0/12"], bound)  # and only where the tenant's list lets it in too


def test_a_list_is_replaced_whole() -> None:
    lists = AllowLists({"t": ["10.0.0.0/8"]})
    lists.replace("t", ["2001:DB8::/32"])
    assert lists.of("t") == ("2001:db8::/32",) and not lists.admits("t", "", lambda: FROM)
    lists.replace("t", [])
    assert lists.of("t") == () and lists.admits("t", "", lambda: FROM)


@pytest.mark.parametrize("network", ["", "10", "10.0.0.1/8", "10.0.0.0/33", "example.com", "10.0.0.0/8 "])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_networks(["10.0.0.0/8", network])
    assert error.value.field == "networks[1]"


def test_a_list_is_bounded() -> None:
    assert len(parse_networks(["10.0.0.0/8"] * 100)) == 100
    with pytest.raises(InvalidInput):
        parse_networks(["10.0.0.0/8"] * 101)


def test_an_address_has_one_spelling() -> None:
    assert parse_address("2001:DB8:0::1", "f") == "2001:db8::1"
    assert parse_address("::ffff:10.1.2.3", "f") == "10.1.2.3"
    for text in ("", "10.0.0.0/8", "localhost", "10.1.2"):
        with pytest.raises(InvalidInput):
            parse_address(text, "f")
