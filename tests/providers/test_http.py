"""One client per loop, and reads that let the kernel's buffer fill without holding anything back."""

import asyncio
import ssl
import time
from pathlib import Path
from typing import Any

import anyio.abc
import httpx2
import pytest

from providers import http
from providers.contract import HttpOptions
from providers.errors import AddressRefused, ProviderUnreachable
from providers.http import ReadPace
from providers.reading import FLOOD, FREE_READS, PacedSocket, Tick, WholeReads
from providers.secrets import Secret
from tests.fakes.provider import FakeProvider
from tests.fakes.proxies import connect_proxy, socks_proxy


class Source(anyio.abc.ByteStream):
    """A socket that always has something to read, and when it was asked."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.read_at: list[float] = []

    async def receive(self, max_bytes: int = 65536) -> bytes:
        self.read_at.append(time.monotonic())
        return b"x" * self.size

    async def send(self, item: bytes) -> None:
        pass

    async def send_eof(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


async def read(stream: PacedSocket, times: int) -> float:
    """Seconds for so many reads."""
    started = time.monotonic()
    for _ in range(times):
        await stream.receive()
    return time.monotonic() - started


async def test_the_loop_has_one_client() -> None:
    first = http.client()
    assert http.client() is first
    assert not first.follow_redirects
    await http.close_client()
    assert http.client() is not first
    await http.close_client()


async def test_only_a_running_answer_is_paced() -> None:
    ReadPace.interval = 0.2
    stream = PacedSocket(Source(), Tick())
    await stream.send(b"GET")
    free = await read(stream, FREE_READS)
    paced = await read(stream, 3)
    assert free < paced
    assert paced >= 0.4  # from one tick to the third


async def test_a_new_request_is_read_at_once() -> None:
    ReadPace.interval = 30.0
    stream = PacedSocket(Source(), Tick())
    for _ in range(3):
        await stream.send(b"GET")
        await asyncio.wait_for(read(stream, FREE_READS), 60)


async def test_a_flood_is_not_held_back() -> None:
    ReadPace.interval = 30.0
    stream = PacedSocket(Source(size=FLOOD), Tick())
    await asyncio.wait_for(read(stream, 100), 60)


class NeverRings(Tick):
    async def wait(self) -> None:
        raise AssertionError("it was held back")


async def test_a_slow_answer_is_not_held_back() -> None:
    ReadPace.interval = 0.01
    stream = PacedSocket(Source(), NeverRings())
    await read(stream, FREE_READS)
    await asyncio.sleep(0.05)
    await stream.receive()


async def test_all_who_wait_are_woken_together() -> None:
    ReadPace.interval = 0.05
    tick = Tick()
    waits = [asyncio.create_task(tick.wait()) for _ in range(10)]
    await asyncio.sleep(0)
    waits[0].cancel()
    await asyncio.wait_for(asyncio.gather(*waits[1:]), 60)
    with pytest.raises(asyncio.CancelledError):
        await waits[0]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of every read that reaches HTTP."""
    sizes: list[int] = []
    read = WholeReads.read

    async def counted(self: WholeReads, *args: Any, **kwargs: Any) -> bytes:
        data = await read(self, *args, **kwargs)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(WholeReads, "read", counted)
    return sizes


async def assert_few_reads(fake: FakeProvider, reads: list[int]) -> None:
    ReadPace.interval = 0.25
    fake.play(pieces=["token "] * 200, rate=200)
    body = {"model": "gpt-fake", "stream": True}
    response = await http.client().post(f"{fake.base_url}/chat/completions", json=body)
    assert response.text.count('"content": "token "') == 200
    assert len(reads) < 50


async def test_one_read_brings_many_events(fake: FakeProvider, reads: list[int]) -> None:
    await assert_few_reads(fake, reads)


async def test_over_tls_as_well(
    tls_fake: FakeProvider, reads: list[int], monkeypatch: pytest.MonkeyPatch, trusting: ssl.SSLContext
) -> None:
    monkeypatch.setattr(httpx2, "create_ssl_context", lambda: trusting)
    await assert_few_reads(tls_fake, reads)


async def test_every_set_of_options_has_a_client_of_its_own() -> None:
    plain, lax = http.client(), http.client(HttpOptions(verify=False))
    assert plain is http.client(HttpOptions())
    assert lax is http.client(HttpOptions(verify=False))
    assert lax is not plain
    await http.close_client()
    assert plain.is_closed
    assert lax.is_closed


async def test_a_certificate_is_trusted_when_the_operator_says_so(
    tls_fake: FakeProvider, certificate: Path
) -> None:
    address = f"{tls_fake.base_url}/models"
    with pytest.raises(httpx2.ConnectError):
        await http.client().get(address)
    for options in (HttpOptions(ca_file=str(certificate)), HttpOptions(verify=False)):
        assert (await http.client(options).get(address)).status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        HttpOptions(ca_file="/no/such/file.pem"),
        HttpOptions(ca_file=__file__),
        HttpOptions(proxy="ftp://127.0.0.1:1"),
        HttpOptions(proxy="no address"),
    ],
)
async def test_options_that_cannot_be_used_are_told(options: HttpOptions) -> None:
    with pytest.raises(ProviderUnreachable):
        http.client(options)


@pytest.mark.parametrize("proxy", [connect_proxy, socks_proxy])
async def test_a_proxy_is_used_with_tls_inside(tls_fake: FakeProvider, certificate: Path, proxy: Any) -> None:
    seen: list[str] = []
    async with proxy(seen) as address:
        client = http.client(HttpOptions(proxy=address, ca_file=str(certificate)))
        response = await client.get(f"{tls_fake.base_url}/models", headers={"authorization": "Bearer key"})
        assert response.status_code == 200
        await http.close_client()
    [passed] = seen
    assert "127.0.0.1" in passed
    assert "Bearer" not in passed


async def test_a_plain_request_goes_through_the_proxy(fake: FakeProvider) -> None:
    client = http.client(HttpOptions(proxy=fake.root_url))
    await client.get("http://provider.example/v1/models")
    assert fake.requests[0].path == "http://provider.example/v1/models"


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7/v1", "http://[::ffff:169.254.169.254]/v1", "http://0xa000007/v1"]
)
async def test_a_proxy_is_not_asked_for_a_private_address(fake: FakeProvider, url: str) -> None:
    client = http.client(HttpOptions(proxy=fake.root_url))
    with pytest.raises(AddressRefused):
        await client.get(f"{url}/models", timeout=http.request_timeout(5))
    assert fake.requests == []


async def test_the_environments_proxy_is_not_used(
    fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert (await http.client().get(f"{fake.base_url}/models")).status_code == 200


def test_headers_may_be_secrets() -> None:
    headers = {"x-plain": "1", "x-key": Secret("hidden")}
    assert http.plain_headers(headers) == {"x-plain": "1", "x-key": "hidden"}
    assert "hidden" not in repr(headers)
