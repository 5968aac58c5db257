"""`manage.py cleanup`: throw away old events and what lost its owner. Servers do the same by themselves."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions.cleaning import events_prune, orphans_delete
from chat.actions.files import files_clean


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(
            f"{events_prune()} events of ended runs, {orphans_delete()} events without an owner, "
            f"{files_clean()} files"
        )
