"""`manage.py cleanup`: throw away old events and what lost its owner. Servers do the same by themselves."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions.cleaning import events_prune, orphans_delete, temporary_delete
from chat.actions.files import files_clean
from chat.actions.indexing import texts_index_all
from chat.actions.lifetimes import sessions_expire


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        ended = sessions_expire() + temporary_delete()
        texts_index_all()
        self.stdout.write(
            f"{ended} sessions whose time was up, {events_prune()} events of ended runs, "
            f"{orphans_delete()} events without an owner, {files_clean()} files"
        )
