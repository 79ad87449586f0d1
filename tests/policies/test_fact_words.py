"""What was known of a request, in words for people."""

from __future__ import annotations

from policies.engine.facts import Recent
from policies.fact_words import in_words
from tests.policies.engine.builders import refund


class TestInWords:
    def test_counts_one_day_as_one(self) -> None:
        told = dict(
            in_words(refund(days_since_delivery=1, customer_tenure_days=1, recent=(Recent("charge", 1, 0, 0),)))
        )

        assert told["Time"].startswith("1 day since delivery")
        assert told["Customer for"] == "1 day"
        assert told["Within a day"].startswith("0 more")

    def test_counts_more_as_days(self) -> None:
        told = dict(in_words(refund(days_since_delivery=8, recent=(Recent("charge", 7, 0, 0),))))

        assert told["Time"].startswith("8 days since delivery")
        assert "Within 7 days" in told
