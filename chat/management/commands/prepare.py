"""`manage.py prepare`: bring the database up to date without serving; once, before the processes start.

`manage.py serve` does this by itself. Where uvicorn serves, this goes first: on installing and on upgrading.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.urls import reverse

from chat.agents.shipping import agents_ship
from chat.setup import owner_from_environment, setup_token
from chat.tools.servers import servers_from_environment
from providers.catalogue import sync_environment


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        sync_environment()
        agents_ship()
        servers_from_environment()
        owner_from_environment()
        if not get_user_model().objects.exists():
            link = reverse("setup", args=[setup_token()])
            self.stdout.write(f"Make the owner's account at this path (works once, for 24 hours):\n{link}\n")
