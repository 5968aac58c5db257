"""`manage.py rotate_keys`: stored secrets under the first of PARLEY_ENCRYPTION_KEYS, while all are valid.

Put the new key first and keep the old one, restart, run this, then take the old one out.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.rotation import secrets_rotate


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        done = secrets_rotate()
        self.stdout.write(f"{done.changed} secrets were encrypted anew, {done.current} already were.")
        if done.unreadable:
            listed = "\n".join(done.unreadable)
            raise CommandError(f"These cannot be read with any of PARLEY_ENCRYPTION_KEYS:\n{listed}")
