"""How each kind of file is read, and refused."""
