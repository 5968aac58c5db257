"""`manage.py sessions_export USERNAME FILE`: everything that a person owns, one session a line."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions.carrying import exported_pieces
from chat.models import ChatSession


class Command(BaseCommand):
    help = "Writes the sessions of USERNAME to FILE, as JSON, one a line; sessions_import reads them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("file")
        parser.add_argument("--without-files", action="store_true")

    def handle(self, *args: Any, username: str, file: str, without_files: bool, **options: Any) -> None:
        owner = get_user_model().objects.filter(username=username).first()
        if owner is None:
            raise CommandError(f"There is nobody called {username}.")
        sessions = ChatSession.objects.filter(owner=owner).select_related("owner").order_by("id")
        try:
            with Path(file).open("wb") as out:
                for session in sessions.iterator(100):
                    out.writelines(exported_pieces(session, with_files=not without_files))
                    out.write(b"\n")
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error}") from error
        self.stdout.write(f"{sessions.count()} sessions.")
