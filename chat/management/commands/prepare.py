"""`manage.py prepare`: bring the database up to date without serving; once, before the processes start.

`manage.py serve` does this by itself. Where uvicorn serves, this goes first: on installing and on upgrading.
"""

from typing import Any

from django.core.management.base import BaseCommand

from chat.setup import bring_up_to_date, setup_path


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        bring_up_to_date()
        if path := setup_path():
            self.stdout.write(f"Make the owner's account at this path (works once, for 24 hours):\n{path}\n")
