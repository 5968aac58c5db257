"""The words that the page's modules say, so that gettext finds them and the page can carry them.

A key is the English text as it stands in `t("…")`; tests/js/strings.test.js holds both sides together.
"""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

STRINGS: Final = (
    _("about {count} tokens"),
    _("Answer"),
    _("Choose a model"),
    _("Connected"),
    _("Disconnected. Reload the page."),
    _("New chat"),
    _("Previous 30 days"),
    _("Previous 7 days"),
    _("Reconnecting…"),
    _("Sending…"),
    _("Stopped"),
    _("Stopping…"),
    _("That did not work. Try again."),
    _("The answer failed."),
    _("The answer was interrupted. What had arrived is kept."),
    _("Thinking…"),
    _("Thought for a moment"),
    _("Thought for {seconds} s"),
    _("Title"),
    _("Today"),
    _("Trying again…"),
    _("Waiting for the model…"),
    _("Yesterday"),
    _("You are offline"),
    _("You"),
    _("{count} tokens"),
    _("{count}k context"),
)


def strings() -> dict[str, str]:
    """English → the active language."""
    return {text: gettext(text) for text in STRINGS}
