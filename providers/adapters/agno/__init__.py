"""An Agno agent as a provider: in this process (needs the extra `agno`), or behind AgentOS."""
