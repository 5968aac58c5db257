"""The form that an answer is to have (`response_format`, as chat completions write it): handed on to models
that take it, told in words to the others. Pure.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

import msgspec

from providers.contract import ChatRequest
from providers.fitting import Capabilities

OPTION: Final = "response_format"
JSON: Final = "Answer with one JSON {what} and nothing else: no words around it, no code fence."
SCHEMA: Final = "It has to fit this JSON schema:\n{schema}"

# What the adapter of a kind can hand on, and the kinds whose models all take it.
_HANDED_ON: Final[Mapping[str, frozenset[str]]] = {
    "openai": frozenset({"json_schema", "json_object"}),
    "azure": frozenset({"json_schema", "json_object"}),
    "openai-compatible": frozenset({"json_schema", "json_object"}),
    "ollama": frozenset({"json_schema", "json_object"}),
    "anthropic": frozenset({"json_schema"}),
}
_TAKEN: Final = frozenset({"openai", "azure", "ollama", "anthropic"})


class NamedSchema(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    schema: dict[str, Any]
    description: str = ""
    strict: bool | None = None


class ResponseFormat(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: NamedSchema | None = None

    def __post_init__(self) -> None:
        if self.type == "json_schema" and self.json_schema is None:
            raise ValueError("json_schema is missing")

    @property
    def schema(self) -> Mapping[str, Any]:
        return self.json_schema.schema if self.json_schema else {"type": "object"}


def form_of(options: Mapping[str, Any]) -> ResponseFormat | None:
    """None where any text will do. Raises msgspec.ValidationError."""
    given = options.get(OPTION)
    form = None if given is None else msgspec.convert(given, ResponseFormat)
    return None if form is None or form.type == "text" else form


def formed(request: ChatRequest, kind: str, told: Capabilities | None, *, as_is: bool = False) -> ChatRequest:
    """The request as a model of this kind takes it; `told` is what is recorded of the model; `as_is` adds
    no word to what is handed on. What is no form is left for the provider to refuse."""
    try:
        form = form_of(request.options)
    except msgspec.ValidationError:
        return request
    if form is None or (_is_taken(form, kind, told) and (as_is or form.type == "json_schema")):
        return request
    asked = replace(request, system="\n\n".join(filter(None, (request.system, instruction(form)))))
    if _is_taken(form, kind, told):  # vendors refuse `json_object` unless the words say JSON too
        return asked
    return replace(asked, options={k: v for k, v in request.options.items() if k != OPTION})


def instruction(form: ResponseFormat) -> str:
    if form.json_schema is None:
        return JSON.format(what="object")
    schema = json.dumps(form.json_schema.schema, ensure_ascii=False)
    return f"{JSON.format(what='value')} {SCHEMA.format(schema=schema)}"


def _is_taken(form: ResponseFormat, kind: str, told: Capabilities | None) -> bool:
    known = kind in _TAKEN or "json_schema" in (told or ())
    return known and form.type in _HANDED_ON.get(kind, ())
