"""What happened, counted: every drop, hole, catch-up, kick, takeover and refusal. Read at `/metrics`.

In a server without faults `parley_gaps_total` stays 0.
"""

from typing import Final

from prometheus_client import Counter, Gauge

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
