"""`manage.py providers_export FILE`: providers and routes as JSON or YAML (by the ending), without keys."""

from typing import Any

from providers.exporting import ExportCommand
from providers.transfer import exported


class Command(ExportCommand):
    help = "Writes providers and routes to FILE (- for the screen), without keys."

    def content(self) -> dict[str, Any]:
        return exported()
