"""`manage.py audit verify | export | prune`: the log of who did what."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from chat.actions.audit import audit_prune, audit_verify, entries
from chat.audit.chain import entry_json


class Command(BaseCommand):
    help = "Checks the chain of the audit log, writes it out as lines of JSON, or shortens it."

    def add_arguments(self, parser: CommandParser) -> None:
        does = parser.add_subparsers(dest="does", required=True)
        does.add_parser("verify", help="ends with 1 and names the first entry that does not hold")
        does.add_parser("export", help="writes all entries to standard output, the oldest first")
        prune = does.add_parser("prune", help="deletes old entries and leaves a signed anchor")
        prune.add_argument("--days", type=int, required=True, help="older than these are deleted")

    def handle(self, *args: Any, does: str, **options: Any) -> None:
        if does == "verify":
            self._verify()
        elif does == "export":
            for entry in entries():
                self.stdout.write(json.dumps(entry_json(entry), ensure_ascii=False))
        else:
            before = timezone.now() - timedelta(days=options["days"])
            self.stdout.write(f"{audit_prune(before)} entries were deleted.")

    def _verify(self) -> None:
        count, broken = audit_verify()
        if broken:
            self.stderr.write(f"Entry {broken.number}: {broken.reason}. {count} entries before it hold.")
            sys.exit(1)
        self.stdout.write(f"{count} entries hold.")
