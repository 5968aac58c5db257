"""The format of chat completions, which the vendor and dozens of other servers speak. No adapter."""
