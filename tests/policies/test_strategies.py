"""What the random documents of these tests can say; a rule that none of them has is compared with nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from policies.engine.document import PolicyDocument
from tests.admin.full_document import FULL_DOCUMENT
from tests.policies.strategies import documents

NO_OUTCOME = {"schema_version", "release_above_minor", "risk"}
"""What changes no outcome; the signs of risk are compared where signatures are."""

CHAPTERS = sorted(name for name, field in PolicyDocument.model_fields.items() if not field.is_required())


class TestRandomDocuments:
    @pytest.mark.parametrize("chapter", [name for name in CHAPTERS if name not in NO_OUTCOME])
    def test_reach_every_chapter(self, chapter: str) -> None:
        """`find` complains of a chapter that none of them says."""
        silent = PolicyDocument.model_fields[chapter].default

        found = find(
            documents(),
            lambda document: bool(getattr(document, chapter) != silent),
            settings=settings(
                max_examples=200, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
            ),
        )

        assert getattr(found, chapter) != silent


class TestTheFullDocument:
    def test_says_every_chapter(self) -> None:
        assert FULL_DOCUMENT.keys() == PolicyDocument.model_fields.keys()
