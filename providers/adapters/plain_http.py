"""Requests for the kinds that have no SDK."""

from typing import Any

import httpx2

from providers import http
from providers.contract import ProviderConfig


async def ask(
    config: ProviderConfig, method: str, url: str, *, json: Any = None, form: Any = None, stream: bool = False
) -> httpx2.Response:
    """The key is sent as a bearer token, if there is one. Raises httpx2's errors, for a refusal with its body
    read."""
    client = http.client(config.http)
    key = config.api_key.reveal()
    bearer = {"authorization": f"Bearer {key}"} if key else {}
    request = client.build_request(
        method,
        url,
        json=json,
        data=form,
        headers={**bearer, **http.plain_headers(config.headers)},
        timeout=http.request_timeout(config.timeouts.connect),
    )
    response = await client.send(request, stream=stream)
    if not response.is_success:
        await _read(response)
    return response.raise_for_status()


async def _read(response: httpx2.Response) -> None:
    try:
        await response.aread()
    finally:
        await response.aclose()
