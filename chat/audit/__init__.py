"""Who did what to what is set up, to accounts and to shares: a chain of rows that shows what was altered."""
