"""What fields are called where nobody said: by their own names, in the reader's language."""

from typing import Any

from django.apps import apps
from django.db.models import Field
from django.utils.translation import gettext_lazy


def name_fields() -> None:
    """For the admin's columns and forms. Migrations see nothing of it: they hold what was said."""
    for model in apps.get_models():
        for field in model._meta.fields:
            _name(field)


def _name(field: "Field[Any, Any]") -> None:
    if type(field.verbose_name) is str:
        field.verbose_name = gettext_lazy(field.verbose_name)
