"""Images, audio and files as requests carry them: data URLs, base64 and addresses, as parts."""

import base64
import binascii
import re
from typing import Final

from chat.errors import Invalid
from providers.parts import MediaPart, media_part

_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*?(;base64)?,", re.I)
AUDIO_TYPES: Final = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def from_url(url: str, field: str, name: str = "", media_type: str = "", detail: str = "") -> MediaPart:
    """A `data:` URL with base64, or an http(s) address, which is handed on to the model's provider; this
    server never fetches it. Raises Invalid."""
    match = _DATA_URL.match(url)
    if match and match[2]:
        told = (match[1] or media_type or "application/octet-stream").lower()
        return from_base64(url[match.end() :], told, field, name, detail)
    if not url.lower().startswith(("https://", "http://")):
        raise Invalid("Give an http(s) address or a data URL with base64.", field=field)
    kind = media_part(media_type)
    return kind(media_type=media_type, url=url, name=name, **_detailed(media_type, detail))


def from_base64(data: str, media_type: str, field: str, name: str = "", detail: str = "") -> MediaPart:
    """Raises Invalid for what is no base64."""
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("This is not valid base64.", field=field) from None
    kind = media_part(media_type)
    return kind(media_type=media_type, data=data, name=name, **_detailed(media_type, detail))


def _detailed(media_type: str, detail: str) -> dict[str, str]:
    return {"detail": detail} if detail and media_type.startswith("image/") else {}
