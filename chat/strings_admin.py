"""Names of fields that the models leave as they are in Python, and that the administration shows."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

FIELDS: Final = (
    _("accepts prefix"),
    _("agents spent"),
    _("api key"),
    _("attempt"),
    _("cost"),
    _("created at"),
    _("creator"),
    _("decided at"),
    _("decided by"),
    _("door"),
    _("error"),
    _("finished at"),
    _("had side effects"),
    _("hash"),
    _("hint"),
    _("id"),
    _("is part"),
    _("lease owner"),
    _("lease until"),
    _("max steps"),
    _("message"),
    _("owed"),
    _("owner"),
    _("parent"),
    _("previous"),
    _("price"),
    _("pruned"),
    _("requested at"),
    _("reserved"),
    _("resumes"),
    _("route"),
    _("run"),
    _("session"),
    _("session id"),
    _("session name"),
    _("stage"),
    _("started at"),
    _("steps"),
    _("stop requested at"),
    _("timings"),
    _("tool call id"),
    _("tool choice"),
    _("trace"),
    _("updated at"),
    _("usage"),
    _("user"),
)


def fields_translate(models: Iterable[type[Model]]) -> None:
    """Gives the fields their names in the reader's language; what migrations know of them stays."""
    for model in models:
        for field in model._meta.local_fields:
            if field.verbose_name in FIELDS:
                name: Any = gettext_lazy(str(field.verbose_name))
                field.verbose_name = name
