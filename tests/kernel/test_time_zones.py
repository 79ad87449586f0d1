"""On whose clock pages tell the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from approvals.delegation_forms import MinuteField
from config.kernel.preferences import Preferences
from config.kernel.printing import printed
from config.kernel.templatetags.redress import when
from config.kernel.wording import said, told
from config.time_zones import offered, zone_of
from evidence.models import LedgerEntry
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

BEFORE_SUMMER = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
"""Half an hour before clocks go forward in London."""
FAR_EAST = "Pacific/Kiritimati"
"""Fourteen hours ahead of UTC, where it is always tomorrow first."""


def in_zone(person: User, zone: str, **more: str) -> Client:
    """Sign in somebody who chose a zone."""
    Preferences.objects.update_or_create(user=person, defaults={"time_zone": zone, **more})
    client = Client()
    client.force_login(person)
    return client


class TestWhen:
    @pytest.mark.parametrize(
        ("zone", "seen"),
        [
            ("Europe/London", "29 Mar 2026, 00:30 GMT"),
            ("Europe/Berlin", "29 Mar 2026, 01:30 CET"),
            ("America/New_York", "28 Mar 2026, 20:30 EDT"),
            (FAR_EAST, "29 Mar 2026, 14:30 UTC+14"),
            ("Pacific/Pago_Pago", "28 Mar 2026, 13:30 SST"),
        ],
    )
    def test_names_the_zone_and_tells_machines_utc(self, zone: str, seen: str) -> None:
        with timezone.override(zone):
            shown = when(BEFORE_SUMMER, "zoned")

        assert f">{seen}</time>" in shown
        assert 'datetime="2026-03-29T00:30:00+00:00"' in shown

    def test_goes_over_to_summer_time(self) -> None:
        with timezone.override("Europe/London"):
            assert printed(BEFORE_SUMMER.replace(hour=1), "zoned") == "29 Mar 2026, 02:30 BST"


class TestAMomentThatIsKept:
    def test_is_in_utc_and_says_so_and_is_told_on_the_readers_clock(self) -> None:
        with timezone.override(FAR_EAST), translation.override("de"):
            sentence = said("Away until {until}.", until=BEFORE_SUMMER)

            assert sentence == "Away until 29 Mar 2026, 00:30 UTC."
            assert "14:30 UTC+14" in told(sentence)


class TestAMomentThatIsTyped:
    def test_is_on_the_readers_clock(self) -> None:
        with timezone.override(FAR_EAST):
            assert MinuteField().clean("2026-11-21T02:00") == NOON

    def test_is_refused_where_the_clock_skips_it(self) -> None:
        with timezone.override("Europe/London"), pytest.raises(Exception, match="couldn"):
            MinuteField().clean("2026-03-29T01:30")


class TestZones:
    def test_are_offered_once_behind_the_portals(self) -> None:
        first, *parts = offered()
        names = [name for _, places in parts for name, *_ in places]

        assert first == ("", "The portal's: Europe/London")
        assert {FAR_EAST, "Europe/Berlin", "UTC"} <= set(names)
        assert len(names) == len(set(names))

    def test_are_the_portals_where_one_is_gone(self) -> None:
        assert zone_of(Preferences(time_zone="Mars/Olympus")).key == "Europe/London"
        assert zone_of(None).key == "Europe/London"


@pytest.mark.django_db
class TestAReader:
    def test_chooses_her_zone_in_her_settings(self, amir: User) -> None:
        client = in_zone(amir, "")

        answer = client.post(reverse("settings"), {"time_zone": "Asia/Tokyo"})

        assert answer.status_code == 302
        assert Preferences.objects.get(user=amir).time_zone == "Asia/Tokyo"

    def test_is_refused_a_zone_that_does_not_exist(self, amir: User) -> None:
        client = in_zone(amir, "Asia/Tokyo")

        answer = client.post(reverse("settings"), {"time_zone": "Mars/Olympus"})

        assert answer.status_code == 422
        assert Preferences.objects.get(user=amir).time_zone == "Asia/Tokyo"

    def test_sees_her_day_while_the_record_and_the_api_keep_utc(self, world: World, amir: User) -> None:
        with time_machine.travel(NOON, tick=False):
            waiting = world.waiting(by=amir)
            client = in_zone(amir, FAR_EAST)
            page = client.get(reverse("refunds:request", args=[waiting.reference])).content.decode()

        assert ">21 Nov, 02:00</time>" in page
        assert 'datetime="2026-11-20T12:00:00+00:00"' in page
        assert {entry.at.utcoffset() for entry in LedgerEntry.objects.all()} == {NOON.utcoffset()}

    def test_costs_no_query(self, world: World, amir: User) -> None:
        address = f"{reverse('refunds:requests')}?{urlencode({'tab': 'mine'})}"
        counts = []
        for zone in ("", FAR_EAST):
            client = in_zone(amir, zone)
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            counts.append(len(asked))

        assert counts[0] == counts[1]
