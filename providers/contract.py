"""The contract between Parley and one kind of provider.

An adapter turns a `ChatRequest` into the vendor's call and the vendor's stream into our events. It is pure of
Django: it gets its settings as a `ProviderConfig` and knows no model, no request and no session.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable
from urllib.parse import unquote, urlsplit

from providers.events import RunEvent
from providers.parts import Parts
from providers.secrets import Secret, without_values

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds; what they bound is in the names. `total` bounds the whole answer, 0 is no bound."""

    connect: float = 10.0
    first_token: float = 120.0
    between_tokens: float = 120.0
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How a provider's address is reached. `ca_file` is a path on this machine, with the certificates to
    trust beside the usual ones; `proxy` an http(s) or socks5 URL."""

    proxy: str = field(default="", repr=False)  # may hold a password
    verify: bool = True
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """A provider's settings as an adapter sees them. An empty base_url means the vendor's own. What may hold
    a key is not in its repr."""

    provider_id: str
    kind: str
    base_url: str = ""
    api_key: Secret = field(default_factory=Secret)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # they may hold keys
    timeouts: Timeouts = field(default_factory=Timeouts)
    organization: str = ""
    project: str = ""
    api_version: str = ""
    http: HttpOptions = field(default_factory=HttpOptions)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def without_secrets(self, text: str) -> str:
        """What an upstream wrote, fit for the log: without the key, the headers' values and the proxy's
        password, which it may have repeated."""
        password = unquote(urlsplit(self.http.proxy).password or "")
        return without_values(self.api_key.removed_from(text), [*self.headers.values(), password])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may call. `parameters` is a JSON schema of an object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    role: Role
    parts: Parts
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One generation. `options` holds what the caller set: max_tokens, temperature, stop, seed, … and the
    demo provider's tokens and rate. An adapter takes what its vendor knows and passes over the rest.

    `tool_choice` is `auto`, `none`, `required` or a tool's name; empty leaves it to the vendor.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    system: str = ""
    tools: tuple[Tool, ...] = ()
    tool_choice: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


Capability: TypeAlias = Literal[
    "streaming",
    "tools",
    "parallel_tools",
    "images",
    "audio",
    "video",
    "files",
    "reasoning",
    "json_schema",
    "citations",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model as the provider lists it. context_length is in tokens, 0 where it is not told; capabilities
    are None where the provider does not tell them."""

    id: str
    label: str = ""
    context_length: int = 0
    capabilities: frozenset[Capability] | None = None


@runtime_checkable
class Adapter(Protocol):
    """One kind of provider, made once per provider's settings and used by many runs at once.

    `stream` yields text, reasoning, tool-input, file, source and data events with every part started, ended
    and named by an id that is unique within the call, `usage` reports, and last exactly one `Finish`. It
    raises a ProviderError for everything that goes wrong, parts possibly left open: the runner closes them.
    Closing the generator (or cancelling its task) closes the upstream connection at once.
    It makes no second attempt and never waits between two.
    """

    def __init__(self, config: ProviderConfig) -> None: ...

    def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]: ...

    async def models(self) -> list[ModelInfo]:
        """What the provider offers; also serves as the connection test. Raises ProviderError."""
        ...


@runtime_checkable
class Transcribing(Protocol):
    """An adapter that can write down what is said."""

    @property
    def transcribes(self) -> str:
        """The model that does; empty where the operator named none."""

    async def transcribe(self, sound: bytes, media_type: str) -> str:
        """Raises ProviderError."""
        ...
