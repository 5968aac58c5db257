"""`manage.py agents_import FILE`: make or change the agents of a file; all of them, or none."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.agents.files import imported
from providers.transfer import Unusable


class Command(BaseCommand):
    help = "Reads agents from FILE (- for standard input), JSON or YAML: a list, or one under `agents`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text()
            made, changed = imported(text)
        except (OSError, UnicodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Unusable as error:
            raise CommandError(f"Nothing was imported:\n{error}") from error
        self.stdout.write(f"{made} agents made, {changed} changed.")
