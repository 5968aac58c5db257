"""Ollama by its own API, which tells more than its imitation of OpenAI's."""
