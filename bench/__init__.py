"""The benchmark: what Parley adds between a provider and its readers, with a bare relay beside it."""
