"""The demo provider: answers from a fixed text or a script, in the time that it was told to take."""

from collections.abc import AsyncIterator

from providers.adapters.demo.options import demo_options
from providers.adapters.demo.play import DEFAULT_RATE, MODELS, RATES, Player, steps_for
from providers.adapters.turns import call_ids
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.errors import ProviderError
from providers.events import RunEvent
from providers.parts import text_of

BYTES_PER_TOKEN = 4  # of what it was asked, about


class DemoAdapter:
    def __init__(self, config: ProviderConfig) -> None:
        self._config = config

    async def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        try:
            async for event in _player(request).events(_asked_tokens(request)):
                yield event
        except ProviderError as error:
            error.provider = self._config.provider_id
            raise

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo(id=name, label=label) for name, label in MODELS.items()]


def _player(request: ChatRequest) -> Player:
    options = demo_options(request.options)
    rate = options.rate if options.rate is not None else RATES.get(request.model, DEFAULT_RATE)
    return Player(
        steps_for(request, _last_message(request), options),
        rate=0.0 if options.script is not None and options.rate is None else rate,
        most=options.max_tokens,
        taken=call_ids(request),
    )


def _last_message(request: ChatRequest) -> str:
    asked = (text_of(m.parts) for m in reversed(request.messages) if m.role == "user")
    return next(asked, "")


def _asked_tokens(request: ChatRequest) -> int:
    texts = (request.system, *(text_of(message.parts) for message in request.messages))
    return -(-sum(len(text.encode("utf-8", "replace")) for text in texts) // BYTES_PER_TOKEN)
