"""Azure OpenAI: the format is the vendor's; address, key header and API version are Azure's.

A model's name is the name of its deployment.
"""

from typing import Any, Final

import openai

from providers.adapters.completions.request import body
from providers.adapters.completions.wire import CompletionsWire
from providers.adapters.openai_sdk import NO_KEY, Call, OpenAISdkAdapter
from providers.adapters.turns import call_ids
from providers.contract import ChatRequest
from providers.presets import VENDOR

API_VERSION: Final = "2024-10-21"  # the newest one that is not a preview
NOWHERE: Final = "https://azure.invalid"  # there is no address for all: an operator who set none is told so


class AzureAdapter(OpenAISdkAdapter):
    """`base_url` is the resource's endpoint (`https://NAME.openai.azure.com`); `extra["deployment"]` asks one
    deployment whatever the model is called."""

    def call(self, request: ChatRequest) -> Call:
        asked = body(request, quirks=VENDOR, extra=self.config.extra)
        return Call("/chat/completions", asked, CompletionsWire(call_ids(request)))

    def make_client(self, settings: dict[str, Any]) -> openai.AsyncOpenAI:
        """An endpoint's newer API (`/openai/v1`) has OpenAI's own manner and no version."""
        if self.config.base_url.rstrip("/").endswith("/openai/v1"):
            return super().make_client(settings)
        return openai.AsyncAzureOpenAI(
            api_key=self.config.api_key.reveal() or NO_KEY,
            azure_endpoint=self.config.base_url.rstrip("/").removesuffix("/openai") or NOWHERE,
            azure_deployment=str(self.config.extra.get("deployment") or "") or None,
            api_version=self.config.api_version or API_VERSION,
            **settings,
        )
