"""Commands: the only code that writes routes, steps and decisions."""
