"""Servers of the Model Context Protocol, through its official SDK.

Imported only where tools run or are listed: the SDK takes a second of CPU to import.
"""
