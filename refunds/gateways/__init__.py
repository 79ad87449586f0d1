"""Ports to those who move money, one module per outside party; base.py says what each of them promises."""
