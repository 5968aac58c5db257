"""`manage.py sessions_import USERNAME FILE`: conversations of a file as sessions of that person."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions.carrying import sessions_import
from chat.errors import ChatError


class Command(BaseCommand):
    help = "Reads Parley's own exports (JSON, Markdown) and those of ChatGPT, Claude and Open WebUI."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("file")

    def handle(self, *args: Any, username: str, file: str, **options: Any) -> None:
        owner = get_user_model().objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is nobody called {username}.")
        try:
            brought = sessions_import(owner=owner, path=Path(file))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except ChatError as error:
            raise CommandError(f"Nothing was imported: {error.message}") from error
        for wrong in brought.left_out:
            self.stderr.write(f"Conversation {wrong['index']} of the file: {wrong['message']}")
        self.stdout.write(f"{len(brought.results)} sessions imported, {len(brought.left_out)} left out.")
