"""What the page tells a reader to do about an error: the sentences of static/js/helpers/next-step.js."""

from typing import Final

from django.utils.translation import gettext_noop as _

NEXT_STEPS: Final = (
    _("Try again in a moment."),
    _("Choose another model."),
    _("Choose another model, or tell whoever runs this server."),
    _("Change the message, or choose another model."),
    _("Until then, choose another model."),
    _("Change the option, or choose another model."),
    _("Start a new chat, or choose a model that reads more."),
    _("Leave the file out, or choose another model."),
    _("Try again. If it stays so, tell whoever runs this server."),
    _("Regenerate answers anew."),
    _("Delete chats with files that you do not need any more."),
    _("Tell whoever runs this server."),
    _("Ask the owner of the chat."),
    _("Reload the page to sign in again."),
    _("Wait for its end, or stop it."),
    _("This chat is not there any more, or not shared with you."),
    _("Begin a new one: what you were writing comes along."),
)
