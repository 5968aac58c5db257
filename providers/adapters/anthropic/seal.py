"""The seal over a thinking block in the signature of a part, and back.

Blocks of a turn that called tools must come back unchanged. Thinking that the vendor withholds (redacted) has
no text; its data is kept behind a mark. Seals of other vendors, which have marks of their own, are not sent.
"""

from typing import Any, Final

from providers.parts import ReasoningPart

REDACTED: Final = "redacted:"


def redacted(data: str) -> str:
    return f"{REDACTED}{data}"


def unsealed(part: ReasoningPart) -> dict[str, Any] | None:
    """The block to send back; None for reasoning without this vendor's seal, which the API refuses."""
    signature = part.signature
    if signature.startswith(REDACTED):
        return {"type": "redacted_thinking", "data": signature.removeprefix(REDACTED)}
    if not signature or ":" in signature:  # this vendor's are base64
        return None
    return {"type": "thinking", "thinking": part.text, "signature": signature}
