"""Months and days as axes and tables say them, in few letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config.kernel.wording import said, said_as

if TYPE_CHECKING:
    from datetime import date

_NAMES: Final = (
    said_as("short month", "Jan"),
    said_as("short month", "Feb"),
    said_as("short month", "Mar"),
    said_as("short month", "Apr"),
    said_as("short month", "May"),
    said_as("short month", "Jun"),
    said_as("short month", "Jul"),
    said_as("short month", "Aug"),
    said_as("short month", "Sep"),
    said_as("short month", "Oct"),
    said_as("short month", "Nov"),
    said_as("short month", "Dec"),
)


def month_alone(month: date) -> str:
    """Say a month: Mar."""
    return _NAMES[month.month - 1]


def day_and_month(day: date) -> str:
    """Say a day without its year: 5 Mar."""
    return said("{day} {month}", day=day.day, month=month_alone(day))


def short_day(day: date) -> str:
    """Say a day with few letters: 5 Mar 2026."""
    return said("{day} {month} {year}", day=day.day, month=month_alone(day), year=f"{day:%Y}")


def month_and_year(month: date) -> str:
    """Say a month with its year: Mar 2026."""
    return said("{month} {year}", month=month_alone(month), year=f"{month:%Y}")


def month_and_short_year(month: date) -> str:
    """Say a month with two digits of its year: Mar 26."""
    return said("{month} {year}", month=month_alone(month), year=f"{month:%y}")
