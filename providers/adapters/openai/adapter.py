"""OpenAI itself: chat completions, and the responses API."""

from urllib.parse import urlsplit

from providers.adapters.completions.request import body as completions_body
from providers.adapters.completions.wire import CompletionsWire
from providers.adapters.openai_sdk import Call, OpenAISdkAdapter
from providers.adapters.responses.request import body as responses_body
from providers.adapters.responses.wire import ResponsesWire
from providers.adapters.turns import call_ids
from providers.contract import ChatRequest
from providers.presets import VENDOR, quirks_for


class OpenAIAdapter(OpenAISdkAdapter):
    """Chat completions, or the responses API where the operator set `extra["api"]` to `responses`."""

    @property
    def forwards(self) -> str:
        return "" if self._speaks_responses else "openai-chat"

    @property
    def _speaks_responses(self) -> bool:
        return self.config.extra.get("api") == "responses"

    def call(self, request: ChatRequest) -> Call:
        if self._speaks_responses:
            return responses_call(self, request)
        quirks = VENDOR if is_vendor(self.config.base_url) else quirks_for(self.config)
        asked = completions_body(request, quirks=quirks, extra=self.config.extra)
        return Call("/chat/completions", asked, CompletionsWire(call_ids(request)))


class ResponsesAdapter(OpenAISdkAdapter):
    @property
    def forwards(self) -> str:
        return ""

    def call(self, request: ChatRequest) -> Call:
        return responses_call(self, request)


def responses_call(adapter: OpenAISdkAdapter, request: ChatRequest) -> Call:
    asked = responses_body(request, extra=adapter.config.extra)
    return Call("/responses", asked, ResponsesWire(call_ids(request)))


def is_vendor(base_url: str) -> bool:
    """Whether an address is OpenAI's own, in any of its regions."""
    host = urlsplit(base_url).hostname or ""
    return not base_url or host == "openai.com" or host.endswith(".openai.com")
