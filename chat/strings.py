"""The words that the page's modules say, so that gettext finds them and the page can carry them.

A key is the English text as it stands in `t("…")`; tests/js/strings.test.js holds both sides together.
SAID_BY_SERVER is what comes over the socket in English and is turned into the reader's language on the page.
"""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

STRINGS: Final = (
    _("about {count} tokens"),
    _("Answer"),
    _("Choose a model"),
    _("Connected"),
    _("Connected without WebSocket: something on the way stops it."),
    _("Connected, but a proxy on the way holds text back: it comes in pieces."),
    _("Disconnected. Reload the page."),
    _("New chat"),
    _("Previous 30 days"),
    _("Previous 7 days"),
    _("An earlier attempt was cut off"),
    _("Reconnecting…"),
    _("Sending…"),
    _("Stopped"),
    _("Stopping…"),
    _("That did not work. Try again."),
    _("The answer failed."),
    _("The answer is complete."),
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

SAID_BY_SERVER: Final = (
    _("Something went wrong."),
    _("Done in {seconds} s"),
    _("Done"),
    _("Failed"),
    _("May the tool {name} run with these arguments?"),
    _("Not run"),
    _("Outcome unknown"),
    _("Preparing…"),
    _("Rejected"),
    _("Running…"),
    _("The arguments are not a JSON object."),
    _("Waiting for your decision"),
    _("The request is not valid."),
    _("The message is empty."),
    _("This is not allowed."),
    _("There is nothing here under this id."),
    _("This does not fit with what is there by now."),
    _("This is larger than the server takes."),
    _("Nothing can answer just now. Try again in a moment."),
    _("The server stopped while this was written."),
    _("The provider could not answer."),
    _("The provider could not be reached. Check its base URL and that it is running."),
    _("The provider did not answer in time."),
    _("The provider refused the request."),
    _("The provider rejected the API key. An administrator can set a new one."),
    _("The provider does not have this model."),
    _("An option has a value that this provider cannot use."),
    _("The provider is over its limit just now. Try again in a moment."),
    _("The provider had an error of its own."),
    _("The conversation is longer than this model can read."),
    _("The provider has no free place just now. Try again in a moment."),
    _("The provider failed several times in a row. It is asked again in a moment."),
    _("The provider's answer broke off."),
    _("There is no such provider or model here."),
)


def strings() -> dict[str, str]:
    """English → the active language."""
    return {text: gettext(text) for text in STRINGS + SAID_BY_SERVER}
    _("The tool failed."),
    _("There is no such tool here."),
    _("The arguments are not what the tool asks for."),
    _("The person did not allow this call."),
    _("Nobody decided on the call in time."),
    _("The call was started, and nobody knows whether it was done."),
    _("The call was not run."),
    _("The call was stopped."),
    _("Tools were called too often in this answer."),
    _("This call does not wait for a decision any more."),
