"""Text that every database and every reader can take.

A surrogate pair that a vendor cut in two is joined, half a pair and NUL (PostgreSQL stores none) become
U+FFFD.
"""


def storable(text: str) -> str:
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def held_back(text: str, last: bool) -> tuple[str, str]:
    """The text, and the half of a pair at its end whose other half may come next, unless it is the `last`."""
    if not last and text and "\ud800" <= text[-1] <= "\udbff":
        return text[:-1], text[-1]
    return text, ""
