"""The files that processors and banks make, one module for each kind, behind one protocol."""
