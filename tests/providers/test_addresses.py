"""Which addresses requests may go to: every spelling of what is not public, and what operators allow."""

import ipaddress
import socket
from typing import Any

import anyio
import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.addresses import Policy, policy_from
from providers.contract import ProviderConfig
from providers.errors import AddressRefused
from providers.http import PacedBackend, close_client
from providers.networks import permitted, policy
from providers.registry import adapter_for
from tests.fakes.provider import FakeProvider

NOTHING = Policy()

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "172.16.0.1"),
    *("172.31.255.255", "192.168.0.1", "169.254.1.1", "198.18.0.1", "192.0.0.8", "192.0.2.1"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1"),
    *("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "3fff::1", "5f00::1", "4000::1"),
    *("2600::5efe:10.0.0.1", "2600::200:5efe:127.0.0.1"),
]
METADATA = [
    *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"),
    *("2002:a9fe:a9fe::1", "::a9fe:a9fe"),
]
PUBLIC = [
    *("8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.255.255", "126.255.255.255"),
    *("2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
]


@pytest.mark.parametrize("address", PRIVATE + METADATA)
def test_nothing_private_is_allowed_by_itself(address: str) -> None:
    assert not NOTHING.allows("a.example", 443, address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert NOTHING.allows("a.example", 443, address)


@pytest.mark.parametrize("address", METADATA)
def test_a_range_does_not_bring_the_metadata_of_a_cloud(address: str) -> None:
    wide = policy_from(["0.0.0.0/0", "::/0", "loopback"], [])
    assert not wide.allows("a.example", 80, address)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_decided_alike_in_every_ipv6_form(number: int) -> None:
    plain = str(ipaddress.IPv4Address(number))
    forms = (number, 0xFFFF << 32 | number, 0x0064FF9B << 96 | number, 0x2002 << 112 | number << 80)
    for form in forms if number > 1 else ():
        address = str(ipaddress.IPv6Address(form))
        assert NOTHING.allows("x", 1, address) == NOTHING.allows("x", 1, plain), address


def test_operators_allow_by_host_and_port() -> None:
    allowed = policy_from(["ollama:11434", "192.168.1.5:8000", "[fd00::5]:8000"], ["https://models.lan/v1"])
    assert allowed.allows("OLLAMA.", 11434, "172.18.0.2")
    assert allowed.allows("192.168.1.5", 8000, "192.168.1.5")
    assert allowed.allows("fd00:0::5", 8000, "fd00::5")
    assert allowed.allows("models.lan", 443, "10.0.0.9")
    assert not allowed.allows("ollama", 22, "172.18.0.2")
    assert not allowed.allows("192.168.1.5.nip.io", 8001, "192.168.1.5")
    assert not allowed.allows("models.lan", 80, "10.0.0.9")


def test_operators_allow_ranges() -> None:
    allowed = policy_from([" 10.1.0.0/16 ", ""], [])
    assert allowed.allows("x", 80, "10.1.2.3")
    assert allowed.allows("x", 80, "::ffff:10.1.2.3")
    assert not allowed.allows("x", 80, "10.2.0.1")


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "ollama", "[::1]", "host:port", "private"])
def test_an_entry_that_is_not_understood_allows_nothing(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError):
        policy_from([entry], [])
    monkeypatch.setenv("PARLEY_PRIVATE_NETWORKS", f"loopback,{entry}")
    assert policy().networks == ()


def test_loopback_is_allowed_where_one_process_is_all(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARLEY_PRIVATE_NETWORKS")
    settings.REDIS_URL = ""
    assert policy().allows("localhost", 1234, "127.0.0.1")
    settings.REDIS_URL = "redis://127.0.0.1"
    assert not policy().allows("localhost", 1234, "127.0.0.1")
    monkeypatch.setenv("PARLEY_PRIVATE_NETWORKS", "127.0.0.0/8")
    assert policy().allows("localhost", 1234, "127.0.0.1")
    monkeypatch.setenv("PARLEY_PRIVATE_NETWORKS", "")
    settings.REDIS_URL = ""
    assert not policy().allows("localhost", 1234, "127.0.0.1")


def test_an_address_that_the_environment_names_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PRIVATE_NETWORKS", "")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:4000/v1")
    assert policy().allows("127.0.0.1", 4000, "127.0.0.1")
    assert not policy().allows("127.0.0.1", 4001, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "0", "localhost", "::1"],
)
async def test_every_spelling_of_loopback_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PRIVATE_NETWORKS", "")
    with pytest.raises(AddressRefused):
        await permitted(host, 80)


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Names resolve to these, one list per question, the last one for all that follow."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(anyio, "getaddrinfo", getaddrinfo)
    return asked


async def test_a_name_with_a_public_and_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolver(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(AddressRefused):
        await permitted("trick.example", 443)


async def test_a_connection_goes_to_what_was_looked_up_and_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[str] = []

    async def connect(self: Any, host: str, *args: Any) -> Any:
        connected.append(host)
        raise httpcore2.ConnectError("enough is seen")

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect)
    asked = resolver(monkeypatch, ["8.8.8.8", "8.8.4.4"], ["127.0.0.1"])
    with pytest.raises(httpcore2.ConnectError):
        await PacedBackend().connect_tcp("rebinding.example", 443, 5.0)
    assert (asked, connected) == (["rebinding.example"], ["8.8.8.8", "8.8.4.4"])


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "x..y", "nonesuch.invalid"])
async def test_a_name_that_is_none_cannot_be_connected_to(host: str) -> None:
    with pytest.raises(httpcore2.ConnectError):
        await PacedBackend().connect_tcp(host, 443, 5.0)


async def test_a_refused_address_is_told_as_such(fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    def local(name: str) -> ProviderConfig:
        return ProviderConfig(provider_id=name, kind="openai-compatible", base_url=fake.base_url)

    assert await adapter_for(local("before")).models()
    await close_client()
    monkeypatch.setenv("PARLEY_PRIVATE_NETWORKS", "")
    with pytest.raises(AddressRefused) as refused:
        await adapter_for(local("after")).models()
    assert refused.value.provider == "after"
