"""What can be seen on this machine alone: the database, the settings, the keys, the disk."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.doctor.findings import Finding, fail, ok, skip, warn
from providers.checking import check_provider
from providers.errors import ProviderError
from providers.models import Provider
from providers.rotation import secrets_readable

GIB: Final = 1024**3
LITTLE_ROOM: Final = 1 * GIB  # where a busy server has days left
NO_ROOM: Final = GIB // 10  # where the next upload may find none
SLOW_MS: Final = 50  # of the simplest question to the database; a send asks about ten
SKEW: Final = 2.0  # seconds; a lease lasts ten


def database() -> Finding:
    started = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            took = (time.monotonic() - started) * 1000
    except Exception as error:
        return fail(
            "database", f"it does not answer: {error}", "Start it, and check DATABASE_URL or PARLEY_DATA."
        )
    said = f"{connection.vendor} answers after {took:.1f} ms"
    if took > SLOW_MS:
        return warn("database", said, "Bring it nearer to the processes: every send asks it several times.")
    if connection.vendor == "sqlite" and settings.REDIS_URL:
        return warn("database", said, "Several processes share this file. Set DATABASE_URL to PostgreSQL.")
    return ok("database", said)


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:3])
        return fail("migrations", f"{len(plan)} are missing: {names}", "Run `manage.py prepare`.")
    return ok("migrations", "the database has this version's tables")


def clock() -> Finding:
    """Leases are compared by the database's clock, budgets and expiries by this host's."""
    if connection.vendor != "postgresql":
        return skip("clock", "the database has this machine's clock")
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch from clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        after = time.time()
    skew = theirs - (before + after) / 2
    said = f"the database's is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
    if abs(skew) > SKEW + (after - before):
        return fail("clock", said, "Keep both with NTP (chrony or systemd-timesyncd): leases are times.")
    return ok("clock", said)


def configuration() -> Iterator[Finding]:
    """What Django and its apps say of the settings for a server that others can reach."""
    said = [m for m in checks.run_checks(include_deployment_checks=True) if _concerns(m)]
    for message in said:
        told = message.hint or "See docs/configuration.md."
        kind = fail if message.is_serious() else warn
        yield kind("settings", f"{message.msg} ({message.id})", told)
    if settings.DEBUG:
        yield fail("settings", "PARLEY_DEBUG is on: errors show the inside", "Unset PARLEY_DEBUG.")
    elif not said:
        yield ok("settings", "`check --deploy` has nothing to say")


def _concerns(message: checks.CheckMessage) -> bool:
    """Whether it is about this deployment, and not about Parley's own API document."""
    return not message.is_silenced() and not (message.id or "").startswith("drf_spectacular.")


def keys() -> Finding:
    read, lost = secrets_readable()
    if lost:
        todo = (
            "Add the key that they were written under to PARLEY_ENCRYPTION_KEYS, or enter the secrets again."
        )
        return fail("keys", f"{len(lost)} stored secrets cannot be read: {'; '.join(lost[:5])}", todo)
    return ok("keys", f"{read} stored secrets can be read")


def disk() -> Iterator[Finding]:
    uploads = settings.UPLOADS_DIR if settings.UPLOADS_DIR.exists() else settings.DATA_DIR
    for folder in {settings.DATA_DIR, uploads}:
        yield _room(folder)


def _room(folder: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        return fail("disk", f"nothing can be written to {folder}: {error}", "Give this user the folder.")
    free = shutil.disk_usage(folder).free
    said = f"{free / GIB:.1f} GiB are free at {folder}"
    todo = "Make room, or lower EVENT_RETENTION_HOURS and FILE_TOTAL_BYTES."
    if free < NO_ROOM:
        return fail("disk", said, todo)
    return warn("disk", said, todo) if free < LITTLE_ROOM else ok("disk", said)


def providers() -> Iterator[Finding]:
    """Each one that is enabled is asked for its models."""
    for provider in Provider.objects.filter(enabled=True):
        try:
            offered = check_provider(provider)
        except ProviderError as error:
            yield fail("providers", f"{provider.pk}: {error.message}", "Test it on its page in the admin.")
        else:
            yield ok("providers", f"{provider.pk} answers and offers {len(offered)} models")
