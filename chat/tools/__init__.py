"""Tools that models may call: Python functions and servers of the Model Context Protocol."""
