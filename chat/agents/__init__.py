"""Agents: named instructions with a model and tools. What they do is run by `chat/runner`."""
