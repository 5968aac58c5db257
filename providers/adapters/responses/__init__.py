"""The format of OpenAI's responses API. No adapter."""
