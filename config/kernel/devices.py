"""Name a browser and its system from what it calls itself, roughly: enough to know one's own again in a list."""

from __future__ import annotations

from typing import Final

from .wording import said

# The first that fits: browsers name those before them, and phones their desktop kin.
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_named(agent: str) -> str:
    """Say “Firefox on Windows”; what is not known is said so."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser and system:
        return said("{browser} on {system}", browser=browser, system=system)
    return browser or system or said("A browser that does not say which")
