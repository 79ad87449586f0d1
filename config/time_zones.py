"""On whose clock a page tells the time: the one its reader chose, or the portal's."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

from config.kernel.wording import said

if TYPE_CHECKING:
    from config.kernel.preferences import Preferences

NO_PLACES: Final = ("Etc/", "SystemV/", "US/")

Choices = list[tuple[str, Any]]
"""A name with its words, or a part of the world with its names."""


@lru_cache
def zones() -> tuple[str, ...]:
    """List the zones people may choose, by the places they are called after."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))
    return (*places, "UTC")


def offered() -> Choices:
    """Offer the portal's zone, and every other by its part of the world."""
    portals = said("The portal's: {zone}", zone=settings.ORGANISATION_TIME_ZONE)
    parts = groupby(zones(), lambda name: name.partition("/")[0])
    return [("", portals), *((part, [(name, name.replace("_", " ")) for name in names]) for part, names in parts)]


def zone_of(preferences: Preferences | None) -> ZoneInfo:
    """Find the reader's zone; one that the machine does not know any more is the portal's."""
    chosen = preferences.time_zone if preferences is not None else ""
    return ZoneInfo(chosen if chosen in zones() else settings.ORGANISATION_TIME_ZONE)
