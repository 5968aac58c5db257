"""`manage.py agents_export FILE`: all agents as JSON or YAML (by the ending), for `agents_import`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.agents.files import exported
from providers.transfer import as_text


class Command(BaseCommand):
    help = "Writes agents to FILE (- for the screen)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        text = as_text(exported(), is_yaml=Path(file).suffix in (".yaml", ".yml"))
        if file == "-":
            self.stdout.write(text)
            return
        try:
            Path(file).write_text(text)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
