"""What happened, counted: every drop, hole, catch-up, kick, takeover and refusal. Read at `/metrics`.

In a server without faults `parley_gaps_total` stays 0.
"""

from decimal import Decimal
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from providers.events import Timings, Usage

_SECONDS: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_SHORT: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)

GAPS: Final = Counter("parley_gaps", "Holes that a viewer met between two batches of one stream")
CATCH_UPS: Final = Counter("parley_catch_ups", "Reads of the log for a viewer that was behind", ["reason"])
LAYER_DROPS: Final = Counter("parley_layer_drops", "Batches that the channel layer did not take")
KICKS: Final = Counter("parley_kicks", "Sockets closed by the server", ["code"])
TAKEOVERS: Final = Counter("parley_takeovers", "Runs whose owner died or left", ["reason", "outcome"])
LEASES_LOST: Final = Counter("parley_leases_lost", "Runs that another process took from this one")
REFUSALS: Final = Counter("parley_refusals", "Requests and commands that were refused", ["code"])
RUNS: Final = Counter("parley_runs", "Runs that ended", ["status", "provider"])
TOKENS: Final = Counter("parley_tokens", "Tokens of runs that ended", ["kind", "provider"])
ACTIVE_RUNS: Final = Gauge("parley_active_runs", "Runs executed here", multiprocess_mode="livesum")
VIEWERS: Final = Gauge("parley_viewers", "Readers of streams here", multiprocess_mode="livesum")
COST: Final = Counter(
    "parley_cost_dollars", "What runs that ended cost, as far as prices are known", ["provider"]
)
RUN_SECONDS: Final = Histogram(
    "parley_run_seconds", "From taking a run to its end", ["provider"], buckets=_SECONDS
)
RUN_FIRST_TOKEN: Final = Histogram(
    "parley_run_first_token_seconds", "From taking a run to its first token", ["provider"], buckets=_SECONDS
)
RUN_QUEUE: Final = Gauge("parley_run_queue", "Runs that nobody took yet, of all processes")
RUN_QUEUE_AGE: Final = Gauge("parley_run_queue_oldest_seconds", "How long the oldest of them waits")
SOCKETS: Final = Gauge(
    "parley_sockets", "Open sockets, streams and answers here", ["kind"], multiprocess_mode="livesum"
)
CANARIES: Final = Counter("parley_canaries", "Canary runs", ["outcome"])
CANARY_TIME: Final = Histogram(
    "parley_canary_seconds", "From a canary's question to the end that its viewer saw", buckets=_SECONDS
)
CANARY_DELAY: Final = Histogram(
    "parley_canary_delay_seconds", "From an event of a canary run to its viewer", buckets=_SHORT
)
REQUESTS: Final = Counter(
    "parley_requests", "HTTP requests that were answered", ["method", "route", "status"]
)
REQUEST_SECONDS: Final = Histogram(
    "parley_request_seconds", "From an HTTP request to the head of its answer", ["method"], buckets=_SHORT
)
DATABASE_SECONDS: Final = Histogram(
    "parley_database_seconds", "Jobs in the database, the wait for a thread included", buckets=_SHORT
)
DATABASE_ERRORS: Final = Counter("parley_database_errors", "Jobs that the database did not take", ["error"])


def count_end(
    *, status: str, provider: str, usage: Usage | None, cost: Decimal | None, timings: Timings | None
) -> None:
    """An answer that came to its end, however it did; of a run or of a stateless call."""
    RUNS.labels(status, provider).inc()
    if usage:
        TOKENS.labels("input", provider).inc(usage.input_tokens)
        TOKENS.labels("output", provider).inc(usage.output_tokens)
    if cost:
        COST.labels(provider).inc(float(cost))
    if timings and timings.total_ms is not None:
        RUN_SECONDS.labels(provider).observe(timings.total_ms / 1000)
    if timings and timings.first_token_ms is not None:
        RUN_FIRST_TOKEN.labels(provider).observe(timings.first_token_ms / 1000)
