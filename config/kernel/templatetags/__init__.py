"""How the kernel's words are printed on a page."""
