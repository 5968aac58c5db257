"""Secrets that are planted, and the search for them everywhere that is not the provider's own host (P14)."""
