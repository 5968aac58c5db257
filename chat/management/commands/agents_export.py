"""`manage.py agents_export FILE`: all agents as JSON or YAML (by the ending), for `agents_import`."""

from typing import Any

from chat.agents.files import exported
from providers.exporting import ExportCommand


class Command(ExportCommand):
    help = "Writes agents to FILE (- for the screen)."

    def content(self) -> dict[str, Any]:
        return exported()
