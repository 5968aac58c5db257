"""The chain's arithmetic: what an entry's hash is of, and what proves an anchor."""

import hashlib
import json
from datetime import UTC
from typing import Any, Final

from django.core import signing

from chat.models import AuditEntry

FIELDS: Final = (
    *("number", "at", "who", "username", "user_id", "key_id", "address"),
    *("action", "kind", "object_id", "details", "previous"),
)
_SALT: Final = "parley.audit-anchor"


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """As exported. The hash is SHA-256 of this without `hash`, as JSON with sorted keys, no spaces, UTF-8."""
    told = {name: getattr(entry, name) for name in (*FIELDS, "hash")}
    key = str(entry.key_id) if entry.key_id else None
    return {**told, "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"), "key_id": key}


def entry_hash(entry: AuditEntry) -> str:
    told = entry_json(entry)
    del told["hash"]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def anchor_signature(number: int, digest: str) -> str:
    return signing.Signer(salt=_SALT).signature(f"{number}:{digest}")


def anchor_holds(number: int, digest: str, signature: str) -> bool:
    """Nothing was pruned, or what was is signed by this server."""
    if number == 0:
        return not (digest or signature)
    try:
        signing.Signer(salt=_SALT).unsign(f"{number}:{digest}:{signature}")
    except signing.BadSignature:
        return False
    return True
