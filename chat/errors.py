"""What a caller can get wrong, or may not do.

    ChatError                 code, HTTP status and a sentence for the person who gets it
    ├── Invalid               400  the request is not well formed; names the field
    ├── NotSignedIn           401
    ├── Forbidden             403  e.g. a foreign origin or a scope that the key lacks
    ├── NotFound              404  not there, or not yours: the same from outside
    ├── MethodNotAllowed      405  the path takes other methods
    ├── Conflict              409  e.g. an answer is already being written on this branch
    ├── Gone                  410  it was here, and is kept no longer
    ├── TooLarge              413  e.g. a body, or a file that does not fit into a quota
    ├── Unsupported           415  a type of file that is not taken
    ├── OverBudget            429  a budget or a limit; says which, and when it resets
    ├── NoSpace               507  the server's disk is full
    └── Unavailable           503  nothing can answer just now

Raised deep, rendered at three edges only: the DRF handler, the page middleware, the consumer.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

# ruff: noqa: N818 - they are named as they are told, and none is mistaken for anything else


class ChatError(Exception):
    code = "error"
    status = 500
    message: Any = _("Something went wrong.")

    def __init__(self, message: Any = "", *, code: str = "", field: str = "", **details: Any) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.field = field
        self.details = details
        super().__init__(str(self.code))

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"code": self.code, "message": str(self.message), **self.details}
        if self.field:
            shown["field"] = self.field
        return shown

    @property
    def headers(self) -> dict[str, str]:
        """Of the response that tells it."""
        told = {
            "Retry-After": self.details.get("retry_after"),
            "Allow": ", ".join(self.details.get("allowed", ())),
        }
        return {name: str(value) for name, value in told.items() if value not in (None, "")}


def error_of(status: int, code: str, message: Any, **more: Any) -> ChatError:
    """One that has no class: nobody here raises it."""
    error = ChatError(message, code=code, **more)
    error.status = status
    return error


class Invalid(ChatError):
    code = "invalid"
    status = 400
    message = _("The request is not valid.")


class NotSignedIn(ChatError):
    code = "not_signed_in"
    status = 401
    message = _("Sign in, or send an API key.")


class Forbidden(ChatError):
    code = "forbidden"
    status = 403
    message = _("This is not allowed.")


class NotFound(ChatError):
    code = "not_found"
    status = 404
    message = _("There is nothing here under this id.")


class MethodNotAllowed(ChatError):
    """`allowed` are the methods that the path takes."""

    code = "method_not_allowed"
    status = 405
    message = _("This path does not take this method.")


class Conflict(ChatError):
    code = "conflict"
    status = 409
    message = _("This does not fit with what is there by now.")


class Gone(ChatError):
    code = "gone"
    status = 410
    message = _("This is kept no longer.")


class TooLarge(ChatError):
    code = "too_large"
    status = 413
    message = _("This is larger than the server takes.")


class Unsupported(ChatError):
    code = "unsupported_file_type"
    status = 415
    message = _(
        "This type of file is not supported. Images, audio, video, PDF, Word (DOCX) and text files are."
    )


class OverBudget(ChatError):
    code = "budget_exceeded"
    status = 429
    message = _("A limit is reached.")


class NoSpace(ChatError):
    code = "storage_full"
    status = 507
    message = _("The server has no room for this file.")


class Unavailable(ChatError):
    code = "unavailable"
    status = 503
    message = _("Nothing can answer just now. Try again in a moment.")


class LeaseLost(Exception):
    """This process no longer owns the run: another one wrote to its stream or ended it. Inner use."""
