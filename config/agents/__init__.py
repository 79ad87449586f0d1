"""The door for agents: an MCP server of four tools, and what a machine reads about us first."""
