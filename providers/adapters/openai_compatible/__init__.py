"""Every server that speaks OpenAI's chat completions; see `providers.presets`."""
