"""OpenAI's models in Azure."""
