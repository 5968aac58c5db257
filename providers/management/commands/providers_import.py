"""`manage.py providers_import FILE`: merge a file of providers and routes; all of it, or nothing."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.transfer import Unusable, imported


class Command(BaseCommand):
    help = "Reads providers and routes from FILE (- for standard input), JSON or YAML. Stored keys stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            done = imported(sys.stdin.read() if file == "-" else Path(file).read_bytes())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except Unusable as error:
            raise CommandError(f"Nothing was imported:\n{error}") from error
        self.stdout.write(
            f"{done.created} providers made, {done.changed} changed, {done.routes} routes read."
        )
