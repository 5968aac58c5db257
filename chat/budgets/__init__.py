"""Which budgets count for an answer, what it takes from them and what is left. Actions write the rows."""
