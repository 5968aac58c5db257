"""Accounts: what Parley decides about signing in and up. Pages and ceremonies are django-allauth's."""
