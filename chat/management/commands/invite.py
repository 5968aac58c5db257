"""`manage.py invite`: a one-time link that lets somebody make an account."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse
from django.utils import timezone

from chat.actions.invitations import DAYS, invitation_create
from chat.models import Role


class Command(BaseCommand):
    help = "Prints a link that lets one person make an account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", choices=Role.values, default=Role.MEMBER.value)
        parser.add_argument("--days", type=int, default=DAYS, help="that it works")
        parser.add_argument("--note", default="", help="whom it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        ends = timezone.now() + timedelta(days=options["days"])
        token = invitation_create(role=options["role"], note=options["note"], expires_at=ends)[1]
        self.stdout.write(reverse("invitation", args=[token]))
        if settings.SIGN_UP == "closed":
            self.stderr.write("Nobody can sign up here: PARLEY_SIGN_UP is `closed`.")
