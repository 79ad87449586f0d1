"""Filters that print money and time the same way on every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, get_language_bidi, gettext

from config.kernel import printing
from config.kernel.money import Money
from config.kernel.wording import SOURCE, inside

if TYPE_CHECKING:
    from decimal import Decimal

    from django.utils.safestring import SafeString

register = template.Library()

LONGER = {"short": "minute", "short_zoned": "zoned"}
"""What a style without the year becomes in another year."""

PRESSING = timedelta(minutes=30)
SOON = timedelta(hours=1)


@register.filter
def money(amount: Money | int | str | None, currency: str = "") -> str:
    """Print money for the reader: `{{ total|money }}` of a Money, `{{ row.minor|money:row.currency }}` of units."""
    if amount is None or amount == "":
        return ""
    whole = amount if isinstance(amount, Money) else Money(int(amount), currency)
    return printing.isolated(whole.format(printing.reader_locale()))


@register.filter
def printed(moment: datetime | date | None, style: str = "day") -> str:
    """Print a day or a moment inside a sentence, without `<time>`: `{{ until|printed:"month" }}`.

    Styles: those of `when`, and `short_day` 14 Nov, `long_day` 14 November 2026, `month` November 2026,
    `long_minute` 14 November 2026, 12:04, `full` with the day of the week, seconds and zone.
    """
    return printing.isolated(printing.printed(moment, style))


@register.filter
def number(value: Decimal | float | None, digits: int | None = None) -> str:
    """Print a number with the reader's marks: `{{ 1234.5|number:1 }}` is 1,234.5 here and 1.234,5 in Germany."""
    return "" if value is None else printing.isolated(printing.printed_number(value, digits))


@register.filter
def percent(share: Decimal | float | None, digits: int = 0) -> str:
    """Print a share of one as a percentage: `{{ 0.125|percent:1 }}` is 12.5% here and 12,5 % in Germany."""
    return "" if share is None else printing.isolated(printing.printed_percent(share, digits))


@register.simple_tag
def page_language() -> SafeString | str:
    """Say in which language a page is and from which side it is read, as attributes of `<html>`."""
    language = get_language() or SOURCE
    return format_html('lang="{}" dir="{}"', printing.language_tag(language), "rtl" if get_language_bidi() else "ltr")


@register.filter(is_safe=True)
def when(moment: datetime | date | None, style: str = "minute") -> SafeString | str:
    """Print a moment in the reader's zone as `<time>`, which machines read in UTC; the title says it in full.

    Styles: `minute` 14 Nov 2026, 12:04; `short` 14 Nov, 12:04, with its year when that is another one; `day`
    14 Nov 2026; `time` 12:04; `zoned` 14 Nov 2026, 12:04 GMT and `short_zoned` name the zone.
    """
    if not moment:
        return ""
    if not isinstance(moment, datetime):
        return format_html(
            '<time datetime="{}">{}</time>',
            moment.isoformat(),
            printing.isolated(printing.printed(moment)),
        )
    local = timezone.localtime(moment)
    if style in LONGER and local.year != timezone.localtime().year:
        style = LONGER[style]
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        printing.isolated(printing.printed(local, "full")),
        printing.isolated(printing.printed(local, style)),
    )


@register.filter
def left(due: datetime | None, at: datetime | None = None) -> str:
    """Say how long until `due`, or how long past it: `38 min left`, `2 h over`."""
    if due is None:
        return ""
    span = due - (at or timezone.now())
    words = in_words(abs(span))
    if span < timedelta():
        return gettext("%(time)s over") % {"time": words}
    return gettext("%(time)s left") % {"time": words}


@register.filter
def remaining(due: datetime | None, at: datetime | None = None) -> str:
    """Say the same as `left` under a heading that already says "left": `38 min`, `2 h over`."""
    if due is None:
        return ""
    return left(due, at) if due < (at or timezone.now()) else in_words(due - (at or timezone.now()))


@register.filter
def since(start: datetime | None, at: datetime | None = None) -> str:
    """Say how long ago `start` was, in the words of `left`: `3 h 05 min`."""
    return "" if start is None else in_words(max((at or timezone.now()) - start, timedelta()))


@register.filter
def of(found: Mapping[object, str] | str, key: object) -> str:
    """Look up what a mapping says of a key; nothing where it says nothing: `{{ why_not|of:row.pk }}`."""
    return found.get(key, "") if isinstance(found, Mapping) else ""


@register.filter
def within(label: str) -> str:
    """Put a label inside a sentence: `{% blocktranslate with state=request.get_state_display|within %}`."""
    return inside(label)


@register.filter
def urgency(due: datetime | None, at: datetime | None = None) -> str:
    """Name the tone of a promise: bad in its last half hour and after, warn in its last hour."""
    if due is None:
        return ""
    span = due - (at or timezone.now())
    if span < PRESSING:
        return "bad"
    return "warn" if span < SOON else "ok"


@register.simple_tag
def stylesheet(path: str) -> SafeString | str:
    """Link a stylesheet, or nothing when the static files are the part that is broken."""
    try:
        address = static(path)
    except ValueError:
        return ""
    return format_html('<link rel="stylesheet" href="{}">', address)


@register.simple_tag
def favicon() -> SafeString | str:
    """Link the icon, or nothing when the static files are the part that is broken."""
    try:
        address = static("icon.svg")
    except ValueError:
        return ""
    return format_html('<link rel="icon" href="{}" type="image/svg+xml">', address)


def in_words(span: timedelta) -> str:
    """Say a duration in its two largest useful units: `38 min`, `1 h 05 min`, `3 d`."""
    minutes = int(span.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return (
            gettext("%(days)d d") % {"days": days}
            if days > 1 or not hours
            else gettext("1 d %(hours)d h") % {"hours": hours}
        )
    if hours:
        return gettext("%(hours)d h %(minutes)02d min") % {
            "hours": hours,
            "minutes": minutes % 60,
        }
    return gettext("%(minutes)d min") % {"minutes": minutes}
