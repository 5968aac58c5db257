"""Adding to the audit log, checking it, and shortening it. An entry is written in the transaction of what it
tells: both are there, or neither."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from chat.audit.caller import caller
from chat.audit.chain import anchor_holds, anchor_signature, entry_hash
from chat.models import AuditChain, AuditEntry

AT_ONCE: Final = 1_000  # rows in memory
_ONLY: Final = 1  # the key of the one row of AuditChain


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the chain does not hold, and why."""

    number: int
    reason: str


@contextmanager
def audited() -> Iterator[None]:
    """A transaction that is going to tell the log of something and locks rows before it does."""
    with transaction.atomic():
        hold_log()
        yield


def hold_log() -> None:
    """Takes the log's lock, which a transaction that tells it something has to have before it locks any other
    row. Where all do so, two of them never wait for each other in a circle. Outside of a transaction nothing
    is held, and nothing is to be."""
    if connection.in_atomic_block:
        _locked_chain()


@transaction.atomic(savepoint=False)
def audit_append(action: str, object_id: object, /, **details: Any) -> None:
    """`action` is `kind.verb`. `details` are JSON without fractions, which not every database gives back as
    they were."""
    chain = _locked_chain()
    who = caller()
    entry = AuditEntry(
        number=chain.number + 1,
        at=timezone.now(),
        who=who.who,
        username=who.username,
        user_id=who.user_id,
        key_id=who.key_id,
        address=who.address,
        action=action,
        kind=action.partition(".")[0],
        object_id=str(object_id)[:200],
        details=details,
        previous=chain.hash,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    AuditChain.objects.filter(pk=_ONLY).update(number=entry.number, hash=entry.hash)


def audit_verify() -> tuple[int, Broken | None]:
    """How many entries hold, and what does not. Others may add while this reads."""
    last = AuditEntry.objects.aggregate(last=Max("number"))["last"] or 0
    chain = AuditChain.objects.filter(pk=_ONLY).first() or AuditChain()
    if not anchor_holds(chain.anchor_number, chain.anchor_hash, chain.anchor_signature):
        return 0, Broken(chain.anchor_number, "the anchor of what was pruned is not signed by this server")
    number, digest = chain.anchor_number, chain.anchor_hash
    for entry in entries(chain.anchor_number, chain.number):
        if reason := _wrong(entry, number, digest):
            return number - chain.anchor_number, Broken(number + 1, reason)
        number, digest = entry.number, entry.hash
    count = number - chain.anchor_number
    if (number, digest) != (chain.number, chain.hash):
        return count, Broken(number + 1, "entries are missing at the end")
    return count, Broken(chain.number + 1, "entries follow the end") if last > chain.number else None


@transaction.atomic
def audit_prune(before: datetime) -> int:
    """Deletes what is older, leaves a signed anchor and says so in the log. Gives how many are gone."""
    chain = _locked_chain()
    last = AuditEntry.objects.filter(at__lt=before).order_by("number").last()
    if last is None:
        return 0
    AuditChain.objects.filter(pk=_ONLY).update(
        anchor_number=last.number,
        anchor_hash=last.hash,
        anchor_signature=anchor_signature(last.number, last.hash),
    )
    AuditEntry.objects.filter(number__lte=last.number).delete()
    audit_append("audit.pruned", last.number, hash=last.hash)
    return last.number - chain.anchor_number


def entries(after: int = 0, until: int | None = None) -> Iterator[AuditEntry]:
    """In their order."""
    rows = AuditEntry.objects.order_by("number")
    rows = rows if until is None else rows.filter(number__lte=until)
    while page := list(rows.filter(number__gt=after)[:AT_ONCE]):
        yield from page
        after = page[-1].number


def _locked_chain() -> AuditChain:
    """Until the transaction ends nobody else adds: every entry follows the one before it."""
    rows = AuditChain.objects.select_for_update()
    chain = rows.filter(pk=_ONLY).first()
    if chain is None:
        AuditChain.objects.bulk_create([AuditChain(pk=_ONLY)], ignore_conflicts=True)
        chain = rows.get(pk=_ONLY)
    return chain


def _wrong(entry: AuditEntry, number: int, digest: str) -> str:
    if entry.number != number + 1:
        return "an entry is missing"
    if entry.previous != digest:
        return "it does not follow the entry before it"
    return "" if entry.hash == entry_hash(entry) else "its content does not fit its hash"
