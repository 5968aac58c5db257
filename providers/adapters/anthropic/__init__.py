"""Anthropic's messages, and every server that speaks them."""
