"""Chat completions as other servers understand them."""

from providers.adapters.completions.request import body
from providers.adapters.completions.wire import CompletionsWire
from providers.adapters.openai_sdk import Call, OpenAISdkAdapter
from providers.adapters.turns import call_ids
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.errors import ModelNotFound
from providers.presets import preset_for, quirks_for


class OpenAICompatibleAdapter(OpenAISdkAdapter):
    def __init__(self, config: ProviderConfig) -> None:
        super().__init__(config)
        self._preset = preset_for(config)
        self._quirks = quirks_for(config)
        if self._preset:
            self.base_url = self._preset.base_url

    def call(self, request: ChatRequest) -> Call:
        asked = body(request, quirks=self._quirks, extra=self.config.extra)
        return Call("/chat/completions", asked, CompletionsWire(call_ids(request)))

    async def models(self) -> list[ModelInfo]:
        """Where a server has no list, its preset's."""
        try:
            return await super().models()
        except ModelNotFound:
            if self._preset and self._preset.models:
                return [ModelInfo(id=name) for name in self._preset.models]
            raise
