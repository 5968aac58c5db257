"""What was asked of providers and how that went, for `/metrics`."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

PROVIDER_REQUESTS: Final = Counter(
    "parley_provider_requests", "Requests to providers that ended", ["provider", "model", "outcome"]
)
PROVIDER_ERRORS: Final = Counter(
    "parley_provider_errors", "Requests to providers that failed or were not made", ["provider", "code"]
)
FIRST_TOKEN: Final = Histogram(
    "parley_provider_first_token_seconds",
    "From asking a provider to its first token",
    ["provider", "model"],
    buckets=_SECONDS,
)
BREAKER: Final = Gauge(
    "parley_provider_breaker",
    "Whether a model is left alone after failures: 0 closed, 1 half-open, 2 open",
    ["provider", "model"],
    multiprocess_mode="livemax",
)
QUEUE: Final = Gauge(
    "parley_provider_queue", "Requests that wait for a free place", ["provider"], multiprocess_mode="livesum"
)
