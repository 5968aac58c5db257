"""What a view may be asked to do."""

from typing import Any

from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe


def reads(view: Any) -> Any:
    """A view that changes nothing. Of any other method it says so, not that a page's token is missing: the
    page middleware writes the answer."""
    return csrf_exempt(require_safe(view))
