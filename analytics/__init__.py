"""What the numbers say, each with its formula and its rows."""
