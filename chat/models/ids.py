"""Time-ordered ids (UUID version 7, RFC 9562): new rows land at the end of an index."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    return compat.uuid7()
