"""Watching over the server: what is wrong, and telling whoever can mend it."""
