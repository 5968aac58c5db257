"""Settings for those who watch over a server: its log, its metrics, its alerts (docs/operations.md)."""

from project.env import env

WORKER_METRICS = env.str("PARLEY_WORKER_METRICS", default="")  # host:port of `manage.py worker`'s /metrics

# Of OpenTelemetry's SDK, an extra: where spans go. Its other variables count as well.
TRACES = bool(env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default=""))

WATCH_SECONDS = env.float("WATCH_SECONDS", default=15.0)  # how often it is looked at; 0 for never
CANARY_MODEL = env.str("CANARY_MODEL", default="")  # provider/model or a route; none is sent without one
CANARY_SECONDS = env.float("CANARY_SECONDS", default=60.0)  # between two
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
ALERT_WEBHOOK_URL = env.str("ALERT_WEBHOOK_URL", default="")
ALERT_WEBHOOK_SECRET = env.str("ALERT_WEBHOOK_SECRET", default="")  # without one nothing is sent there
ALERT_ERROR_RATE = env.float("ALERT_ERROR_RATE", default=0.2)  # of a provider's requests
ALERT_BUDGET_SHARE = env.float("ALERT_BUDGET_SHARE", default=0.9)  # of a budget of a day or a month
ALERT_QUEUE_SECONDS = env.float("ALERT_QUEUE_SECONDS", default=30.0)  # that nobody takes a run
ALERT_CALM_SECONDS = env.float("ALERT_CALM_SECONDS", default=60.0)  # without it, then an incident is over

LOG_FORMAT = env.choice("PARLEY_LOG_FORMAT", "plain", "json")
LOG_LEVEL = env.choice("PARLEY_LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "chat.logs.Plain"}, "json": {"()": "chat.logs.Json"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Libraries that tell of every request or message; what matters of those, Parley tells itself.
    "loggers": {
        name: {"level": "WARNING"} for name in ("daphne", "django.channels.server", "httpx2", "taskiq", "mcp")
    },
}
