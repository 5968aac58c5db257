"""Servers that speak chat completions in a manner of their own, as data: where each is, what it is asked
with, and how it differs from the vendor whose format it is.

A provider of the kind `openai-compatible` names its preset in `extra["preset"]`; without that its base URL
tells. The figures and names are from the servers' own documentation (2026-11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from providers.contract import ProviderConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """`vendor` is true for OpenAI itself: it refuses fields that others take. `reasoning_field` is where the
    server wants the reasoning of a turn that called tools back. A server that `accepts_prefix` goes on with
    a last message of the assistant's, when told so by the `prefix_fields`."""

    vendor: bool = False
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    stream_options: bool = True
    reasoning_field: str = ""
    accepts_prefix: bool = False
    prefix_fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """`models` are names to begin with, where the server's own list cannot be asked for or is very long.
    `any_model` says that models which are not listed can be asked as well."""

    id: str
    label: str
    base_url: str
    needs_key: bool = True
    models: tuple[str, ...] = ()
    any_model: bool = True
    quirks: Quirks = Quirks()


VENDOR: Final = Quirks(vendor=True, max_tokens="max_completion_tokens")
_TEMPLATED: Final = {"continue_final_message": True, "add_generation_prompt": False}

PRESETS: Final[dict[str, Preset]] = {
    preset.id: preset
    for preset in (
        Preset(
            id="lm-studio",
            label="LM Studio",
            base_url="http://127.0.0.1:1234/v1",
            needs_key=False,
            any_model=False,
        ),
        Preset(
            id="vllm",
            label="vLLM",
            base_url="http://127.0.0.1:8000/v1",
            needs_key=False,
            any_model=False,
            quirks=Quirks(accepts_prefix=True, prefix_fields=_TEMPLATED),
        ),
        Preset(
            id="llama-cpp",
            label="llama.cpp",
            base_url="http://127.0.0.1:8080/v1",
            needs_key=False,
            quirks=Quirks(accepts_prefix=True),
        ),
        Preset(
            id="ollama",
            label="Ollama (OpenAI's format)",
            base_url="http://127.0.0.1:11434/v1",
            needs_key=False,
            any_model=False,
        ),
        Preset(
            id="deepseek",
            label="DeepSeek",
            base_url="https://api.deepseek.com/v1",
            models=("deepseek-chat", "deepseek-reasoner"),
            quirks=Quirks(reasoning_field="reasoning_content"),
        ),
        Preset(
            id="zhipu",
            label="Zhipu (GLM)",
            base_url="https://open.bigmodel.cn/api/paas/v4",
            models=("glm-4.6", "glm-4.5", "glm-4.5-air", "glm-4.5-flash"),
            quirks=Quirks(stream_options=False, reasoning_field="reasoning_content"),
        ),
        Preset(
            id="qianfan",
            label="Qianfan (ERNIE)",
            base_url="https://qianfan.baidubce.com/v2",
            models=("ernie-5.0", "ernie-4.5-turbo-128k", "ernie-x1-turbo-32k"),
        ),
        Preset(
            id="moonshot",
            label="Moonshot (Kimi)",
            base_url="https://api.moonshot.cn/v1",
            models=("kimi-k2-0905-preview", "kimi-k2-thinking", "kimi-latest"),
            quirks=Quirks(reasoning_field="reasoning_content"),
        ),
        Preset(
            id="qwen",
            label="Qwen (Model Studio)",
            base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
            models=("qwen3-max", "qwen-plus", "qwen-flash", "qwen3-vl-plus"),
        ),
        Preset(
            id="openrouter",
            label="OpenRouter",
            base_url="https://openrouter.ai/api/v1",
            models=("openrouter/auto",),
            quirks=Quirks(reasoning_field="reasoning"),
        ),
        Preset(
            id="gemini",
            label="Gemini",
            base_url="https://generativelanguage.googleapis.com/v1beta/openai",
            models=("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"),
        ),
    )
}
_QUIRKS: Final = frozenset(Quirks.__dataclass_fields__)


def preset_for(config: ProviderConfig) -> Preset | None:
    """The preset that a provider names, or whose host its base URL has."""
    named = PRESETS.get(str(config.extra.get("preset") or ""))
    if named or not config.base_url:
        return named
    host = urlsplit(config.base_url).netloc
    return next((preset for preset in PRESETS.values() if urlsplit(preset.base_url).netloc == host), None)


def quirks_for(config: ProviderConfig) -> Quirks:
    """The preset's, with what the operator set over them: `extra["quirks"]`, `extra["accepts_prefix"]`."""
    preset = preset_for(config)
    own = config.extra.get("quirks")
    told = {name: value for name, value in own.items() if name in _QUIRKS} if isinstance(own, dict) else {}
    if "accepts_prefix" in config.extra:
        told["accepts_prefix"] = bool(config.extra["accepts_prefix"])
    return replace(preset.quirks if preset else Quirks(), **told)
