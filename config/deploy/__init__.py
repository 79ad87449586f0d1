"""Where the portal runs: the embedded database and its broker, the programs of `make run`, health, requirements."""
