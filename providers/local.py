"""Model servers on this machine that are found without being set up: Ollama and LM Studio at their own ports.

Only where one process is all there is, only on loopback, and beside the start, which waits for none of it.
PARLEY_LOCAL_SERVERS=off leaves them alone.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings

from providers.catalogue import config_for
from providers.checking import models_add
from providers.contract import ModelInfo, ProviderConfig
from providers.environment import OLLAMA_URL, variable
from providers.errors import ProviderError
from providers.models import Provider
from providers.presets import PRESETS
from providers.registration import register_provider
from providers.registry import adapter_for

logger = logging.getLogger(__name__)

KNOCK_SECONDS: Final = 0.5  # loopback answers in a thousandth of it
LIST_SECONDS: Final = 10.0
_OFF: Final = frozenset({"0", "off", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    id: str
    label: str
    kind: str
    base_url: str
    preset: str = ""

    @property
    def config(self) -> ProviderConfig:
        return ProviderConfig(provider_id=self.id, kind=self.kind, base_url=self.base_url)


LOCAL_SERVERS: Final = (
    LocalServer(id="ollama", label="Ollama", kind="ollama", base_url=OLLAMA_URL),
    LocalServer(
        id="lm-studio",
        label="LM Studio",
        kind="openai-compatible",
        base_url=PRESETS["lm-studio"].base_url,
        preset="lm-studio",
    ),
)


async def look_for_local_servers() -> None:
    """Set up what answers and is not there yet, and list what a server of the environment's offers."""
    for provider in await sync_to_async(_unlisted)():
        offered = await _offered(config_for(provider))
        await sync_to_async(models_add)(provider, offered)
    for server in LOCAL_SERVERS if _is_wanted() else ():
        if not await sync_to_async(_is_known)(server) and (offered := await _offered(server.config)):
            await sync_to_async(_set_up)(server, offered)


def _is_wanted() -> bool:
    return not settings.REDIS_URL and variable("PARLEY_LOCAL_SERVERS").lower() not in _OFF


def _unlisted() -> list[Provider]:
    rows = Provider.objects.filter(from_environment=True, kind="ollama", enabled=True, models=None)
    return list(rows)


def _is_known(server: LocalServer) -> bool:
    """One that an operator switched off, or set up under this id in another way, stays as it is."""
    return Provider.objects.filter(pk=server.id).exists()


async def _offered(config: ProviderConfig) -> list[ModelInfo]:
    """Nothing where nobody answers, or somebody else does."""
    try:
        if not await _answers(config.base_url):
            return []
        async with asyncio.timeout(LIST_SECONDS):
            return await adapter_for(config).models()
    except (ProviderError, TimeoutError) as error:
        logger.info("%s at %s is not used: %s", config.provider_id, config.base_url, error)
        return []


async def _answers(base_url: str) -> bool:
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(KNOCK_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _set_up(server: LocalServer, offered: list[ModelInfo]) -> None:
    told = {"label": server.label, "preset": server.preset, "base_url": server.base_url}
    provider = register_provider(server.id, server.kind, models=[], **told)
    count = models_add(provider, offered)
    logger.info("found %s at %s with %d models", provider, server.base_url, count)
