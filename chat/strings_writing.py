"""What the page says of messages that wait to be sent, and of prompts that people save."""

from typing import Final

from django.utils.translation import gettext_noop as _

WRITING: Final = (
    _("Table"),
    _("Goes when the connection is back."),
    _("Not sent."),
    _("Held back: the message before was not sent."),
    _("You have as many prompts as there is room for. Delete one first."),
    _("Another prompt of yours has this command."),
    _("A command has letters, digits, - and _ only."),
)
