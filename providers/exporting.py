"""Commands that write what is set up here to a file, as JSON or YAML by its ending."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.transfer import as_text


class ExportCommand(BaseCommand):
    def content(self) -> dict[str, Any]:
        """What the file is to hold."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        text = as_text(self.content(), is_yaml=Path(file).suffix in (".yaml", ".yml"))
        if file == "-":
            self.stdout.write(text)
            return
        try:
            Path(file).write_text(text)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
