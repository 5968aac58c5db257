"""A provider that needs no network and no key: for the first minutes, for tests and for measuring."""
