"""What can go wrong between us and a provider.

    ProviderError                    whose fault, worth another try, and when
    ├── ProviderUnreachable          refused, no such name, connection lost before the answer began
    ├── AddressRefused               where it is may not be asked: a private network that nobody allowed
    ├── ProviderTimeout              no byte for too long
    ├── ProviderRefused              4xx: our request, the key or the model
    │   ├── ProviderKeyRejected      401, 403
    │   ├── ModelNotFound            404
    │   ├── InvalidOptions           400: an option has a value that this provider cannot use
    │   ├── ContextTooLong           400, 413: the conversation is longer than the model takes
    │   ├── UnsupportedContent       400: a kind of file that the model does not take
    │   └── ProviderRateLimited      429
    ├── ProviderFailed               5xx, 529, an error event in mid-stream
    ├── ProviderBusy                 all its places are taken, by what was sent from here
    ├── ProviderPaused               it failed again and again, and is left alone for a moment
    ├── StreamBroken                 the stream ended without its terminator or could not be read
    ├── InvalidOutput                the answer does not have the form that was asked for
    └── UnknownProvider              no such provider, kind or model is set up here

The sentence of an error is fit for the person who asked. The provider's raw text goes to the log only:
it may repeat a key or a prompt.
"""
# ruff: noqa: N818  (the names say what happened; that it is an error, the tree says)


class ProviderError(Exception):
    """`status` is the HTTP status for doors that have one; `retry_after` is in seconds, where known."""

    code = "provider_error"
    status = 502
    retryable = False
    message = "The provider could not answer."

    def __init__(
        self,
        message: str = "",
        *,
        provider: str = "",
        upstream_status: int | None = None,
        retry_after: float | None = None,
        detail: str = "",
    ) -> None:
        self.message = message or type(self).message
        self.provider = provider
        self.upstream_status = upstream_status
        self.retry_after = retry_after
        self.detail = detail  # raw upstream text: for the log, never for a reader
        super().__init__(self.message)


class ProviderUnreachable(ProviderError):
    code = "provider_unreachable"
    retryable = True
    message = "The provider could not be reached. Check its base URL and that it is running."


class AddressRefused(ProviderError):
    code = "address_refused"
    message = (
        "The provider's address is in a private network. An administrator can allow it by host and port "
        "in PARLEY_PRIVATE_NETWORKS."
    )


class ProviderTimeout(ProviderError):
    code = "provider_timeout"
    status = 504
    retryable = True
    message = "The provider did not answer in time."


class ProviderRefused(ProviderError):
    code = "provider_refused"
    message = "The provider refused the request."


class ProviderKeyRejected(ProviderRefused):
    code = "provider_key_rejected"
    message = "The provider rejected the API key. An administrator can set a new one."


class ModelNotFound(ProviderRefused):
    code = "model_not_found"
    status = 404
    message = "The provider does not have this model."


class InvalidOptions(ProviderRefused):
    code = "invalid_options"
    status = 400
    message = "An option has a value that this provider cannot use."


class ContextTooLong(ProviderRefused):
    code = "context_too_long"
    status = 400
    message = "The conversation is longer than this model can read."


class UnsupportedContent(ProviderRefused):
    code = "unsupported_content"
    status = 400
    message = "This model does not take this kind of file."


class ProviderRateLimited(ProviderRefused):
    code = "provider_rate_limited"
    status = 429
    retryable = True
    message = "The provider is over its limit just now. Try again in a moment."


class ProviderFailed(ProviderError):
    code = "provider_failed"
    retryable = True
    message = "The provider had an error of its own."


class ProviderBusy(ProviderError):
    code = "provider_busy"
    status = 429
    retryable = True
    message = "The provider has no free place just now. Try again in a moment."


class ProviderPaused(ProviderError):
    code = "provider_paused"
    status = 503
    retryable = True
    message = "The provider failed several times in a row. It is asked again in a moment."


class StreamBroken(ProviderError):
    code = "provider_stream_broken"
    retryable = True
    message = "The provider's answer broke off."


class InvalidOutput(ProviderError):
    code = "invalid_output"
    message = "The answer does not have the form that was asked for:"


class UnknownProvider(ProviderError):
    code = "unknown_provider"
    status = 404
    message = "There is no such provider or model here."


_BY_STATUS: dict[int, type[ProviderError]] = {
    401: ProviderKeyRejected,
    403: ProviderKeyRejected,
    404: ModelNotFound,
    408: ProviderTimeout,
    409: ProviderFailed,
    429: ProviderRateLimited,
    504: ProviderTimeout,
}


def error_for_status(status: int) -> type[ProviderError]:
    """The class for an upstream's HTTP status (>= 400)."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return ProviderFailed if status >= 500 else ProviderRefused
