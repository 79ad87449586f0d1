"""The demo: people to become, a world to look at, and history to replay. Installed only with DEMO=1."""
