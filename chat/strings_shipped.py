"""Labels of the agents that come with Parley, and of their stages, and what its tools do.

Rows and models have them in English; pages show them in the reader's language.
"""

from typing import Final

from django.utils.translation import gettext_noop as _

SHIPPED: Final = (
    _("Researcher"),
    _("Writer"),
    _("Editor"),
    _("Marketer"),
    _("Loomi, a concierge for content"),
    _("Analysis"),
    _("Insight"),
    _("Audience profile"),
    _("Content"),
    _("Optimisation"),
    _("Merging"),
    _("Polishing"),
    _("Nova, a team for content"),
    _("Analysing the request"),
    _("Asking the specialists"),
    _("Strategy"),
    _("Content studio"),
    _("Analysing the requirements"),
    _("Making a strategy"),
    _("Writing"),
    _("The current date and time."),
    _("Calculate an arithmetic expression exactly, such as (1 + 2) * 3 ** 2 or sqrt(2)."),
    _("Fetch a page of the web and give its text."),
    _("Search the earlier chats of the person who asks. Gives the newest messages that hold the words."),
)
