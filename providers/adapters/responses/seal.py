"""A reasoning item of the responses API in the signature of a part, and back.

The vendor seals its reasoning and wants the item back unchanged, its id included, when a turn called tools.
The mark in front keeps the seal away from other vendors, and theirs away from this one.
"""

from typing import Any, Final

from providers.parts import ReasoningPart

MARK: Final = "openai:"


def sealed(item_id: str, encrypted: str) -> str:
    return f"{MARK}{item_id}:{encrypted}"


def unsealed(part: ReasoningPart) -> dict[str, Any] | None:
    """The item to send back; None for reasoning without this vendor's seal."""
    if not part.signature.startswith(MARK):
        return None
    item_id, _, encrypted = part.signature.removeprefix(MARK).partition(":")
    summary = [{"type": "summary_text", "text": part.text}] if part.text else []
    return {"type": "reasoning", "id": item_id, "summary": summary, "encrypted_content": encrypted}
