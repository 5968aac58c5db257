"""Where requests may go, on this server: the policy of the environment, and names looked up under it.

A name is looked up once per connection and the connection made to exactly what was found and allowed, so
that a name which changes in between leads nowhere.
"""

import logging
import os
import socket
from contextlib import suppress
from functools import lru_cache
from typing import Final

import anyio
from django.conf import settings

from providers.addresses import LOOPBACK_WORD, Policy, policy_from
from providers.environment import ENVIRONMENT, variable
from providers.errors import AddressRefused

logger = logging.getLogger(__name__)

PRIVATE_NETWORKS: Final = "PARLEY_PRIVATE_NETWORKS"


async def permitted(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order of the resolver. Raises OSError where there are none and
    AddressRefused where any of them may not be asked: a name with a public and a private one is a trick."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    allowed = policy()
    refused = [address for address in addresses if not allowed.allows(host, port, address)]
    if refused:
        raise AddressRefused(detail=f"{host}:{port} is {refused[0]}, which {PRIVATE_NETWORKS} does not allow")
    return addresses


async def refuse_private(host: str, port: int) -> None:
    """Raises AddressRefused as above, for a host that a proxy connects to. A name that means nothing here is
    the proxy's to look up; no test of ours could say more."""
    with suppress(OSError, UnicodeError):
        await permitted(host, port)


def policy() -> Policy:
    """PARLEY_PRIVATE_NETWORKS, by default loopback where this process is all there is; and the addresses
    that the environment names for providers."""
    default = "" if settings.REDIS_URL else LOOPBACK_WORD
    given = variable(PRIVATE_NETWORKS) if _is_given(PRIVATE_NETWORKS) else default
    named = (*(told.base_url for told in ENVIRONMENT.values()), variable("MCP_URL"))
    return _made(given, tuple(filter(None, named)))


def _is_given(name: str) -> bool:
    return name in os.environ or f"{name}_FILE" in os.environ


@lru_cache(maxsize=16)
def _made(entries: str, urls: tuple[str, ...]) -> Policy:
    try:
        return policy_from(entries.split(","), list(urls))
    except ValueError as error:
        logger.error("%s is not understood, nothing private may be reached: %s", PRIVATE_NETWORKS, error)
        return Policy()
