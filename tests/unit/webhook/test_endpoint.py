"""URLs that messages may be sent to, and addresses."""

from ipaddress import ip_address

import pytest

from gatehold.invalid import InvalidInput
from pdp.approvals.webhook.addresses import may_send
from pdp.approvals.webhook.endpoint import MAX_URL, Endpoint, parse_endpoint

LONGEST = "https://hooks.example/" + "a" * (MAX_URL - len("https://hooks.example/"))


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://hooks.example", Endpoint(False, "hooks.example", 443, "hooks.example", "/")),
        (
            "HTTPS://Hooks.Example:8443/a;b/c?d=%2F&e",
            Endpoint(False, "hooks.example", 8443, "Hooks.Example:8443", "/a;b/c?d=%2F&e"),
        ),
        ("https://hooks.example?a", Endpoint(False, "hooks.example", 443, "hooks.example", "/?a")),
        ("https://10.1.2.3/x", Endpoint(False, "10.1.2.3", 443, "10.1.2.3", "/x")),
        ("https://[fd00::1]:8443/", Endpoint(False, "fd00::1", 8443, "[fd00::1]:8443", "/")),
        ("https://127.0.0.1/", Endpoint(False, "127.0.0.1", 443, "127.0.0.1", "/")),
        ("http://127.0.0.1:9000/x", Endpoint(True, "127.0.0.1", 9000, "127.0.0.1:9000", "/x")),
        ("http://[::1]/", Endpoint(True, "::1", 80, "[::1]", "/")),
        ("http://localhost:9000", Endpoint(True, "localhost", 9000, "localhost:9000", "/")),
    ],
)
def test_a_url_is_taken_apart_once(url: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(url) == endpoint


def test_the_longest_url_is_taken_and_a_longer_one_is_not() -> None:
    assert parse_endpoint(LONGEST).target.endswith("a")
    with pytest.raises(InvalidInput):
        parse_endpoint(LONGEST + "a")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "//hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "unix:/run/docker.sock",
        "https://",
        "https:///path",
        "https://:443/",
        "https://?q",
        "https://user@hooks.example/",
        "https://user:secret@hooks.example/",
        "https://@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example/#",
        "https://hooks.example:0/",
        "https://hooks.example:65536/",
        "https://hooks.example:port/",
        "https://hooks.example:443:443/",
        "https://[::1",
        "https://[hooks.example]/",
        "https://hooks example/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nx-injected: 1",
        "https://hooks.example\\@evil.example/",
        "https://hooks.exämple/",
        "https://h%6Foks.example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1%25lo]/",
        "https://-hooks.example/",
        "http://hooks.example/",
        "http://10.1.2.3/",
        "http://[fd00::1]/",
        "http://localhost.example/",
        "http://127.1/",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://224.0.0.1/",
        "https://[ff02::1]/",
        "https://255.255.255.255/",
    ],
)
def test_other_urls_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_endpoint(url)
    assert refused.value.field == "url"
    assert "secret" not in refused.value.message and "evil" not in refused.value.message


@pytest.mark.parametrize(
    ("address", "with_tls", "plain"),
    [
        ("127.0.0.1", True, True),
        ("127.8.8.8", True, True),
        ("::1", True, True),
        ("::ffff:127.0.0.1", True, True),
        ("10.0.0.1", True, False),
        ("172.16.0.1", True, False),
        ("192.168.0.1", True, False),
        ("100.64.0.1", True, False),
        ("fd00:ec2::254", True, False),
        ("93.184.216.34", True, False),
        ("2606:2800::1", True, False),
        ("169.254.0.1", False, False),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::169.254.169.254", False, False),
        ("2002:a9fe:a9fe::1", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("::ffff:0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("240.0.0.1", False, False),
        ("255.255.255.255", False, False),
    ],
)
def test_addresses(address: str, with_tls: bool, plain: bool) -> None:
    assert may_send(ip_address(address), plain=False) is with_tls
    assert may_send(ip_address(address), plain=True) is plain
