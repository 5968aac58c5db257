"""What a browser sees: through the proxy, at the public URL. Knows addresses and nothing of this machine."""

import time
from typing import Final
from urllib.parse import urlsplit

import httpx2
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from chat.doctor.drip import DROPS, EVERY, drip_path
from chat.doctor.findings import Finding, fail, ok

PATIENCE: Final = 15.0  # seconds
NOT_SIGNED_IN: Final = 4401  # what our server closes a socket with that brings no credentials
BUFFERED: Final = "Set `proxy_buffering off` (deploy/nginx.conf), and switch compression of streams off."
NO_UPGRADE: Final = (
    "Pass Upgrade and Connection on, with HTTP/1.1 (deploy/nginx.conf), and no time-out below 30 s."
)


def reachable(url: str) -> Finding:
    try:
        with _client() as http:
            status = http.get(f"{url}/readyz").status_code
    except httpx2.HTTPError as error:
        return fail(
            "address", f"{url} does not answer: {error}", "Check the name, the proxy and its certificate."
        )
    if status == 400:
        return fail("address", f"{url} is refused by its name", "Add the name to PARLEY_HOSTS.")
    if status != 200:
        return fail("address", f"{url}/readyz answers {status}", "Look at the log of the web processes.")
    return ok("address", f"{url} is ready")


def streaming(url: str) -> Finding:
    """A stream of a second: what comes in one piece was held back by somebody."""
    arrived: list[float] = []
    try:
        with _client() as http, http.stream("GET", url + drip_path()) as response:
            if response.status_code != 200:
                todo = "Have the address lead to this deployment: its secret key signs the question."
                return fail("streaming", f"the stream was answered with {response.status_code}", todo)
            arrived = [time.monotonic() for chunk in response.iter_raw() if chunk]
    except httpx2.HTTPError as error:
        return fail("streaming", f"the stream broke: {error!r}", BUFFERED)
    spread = arrived[-1] - arrived[0] if arrived else 0.0
    if spread < DROPS * EVERY / 2:
        return fail(
            "streaming", f"{DROPS} events over a second came within {spread:.2f} s: held back", BUFFERED
        )
    return ok("streaming", "events come as they are sent")


def websocket(url: str) -> Finding:
    """Ours lets in who brings no credentials, and says 4401: who hears that has spoken to it."""
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    try:
        with connect(f"{scheme}://{parts.netloc}{parts.path}/ws/chat/", open_timeout=PATIENCE) as socket:
            socket.recv(PATIENCE)
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 1006
        if code == NOT_SIGNED_IN:
            return ok("websocket", "it is opened and closed as it should be")
        return fail("websocket", f"it was closed with {code}", NO_UPGRADE)
    except (InvalidHandshake, OSError, TimeoutError) as error:
        return fail("websocket", f"it does not open: {error}", NO_UPGRADE)
    return fail("websocket", "something else answers there", NO_UPGRADE)


def _client() -> httpx2.Client:
    return httpx2.Client(timeout=PATIENCE)
