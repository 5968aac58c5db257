"""The admin with our door. Named in INSTALLED_APPS."""

from django.contrib.admin.apps import AdminConfig


class Administration(AdminConfig):
    default_site = "chat.accounts.site.Site"
