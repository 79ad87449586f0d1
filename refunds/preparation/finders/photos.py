"""Whether a photo was sent with another request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from config.kernel.wording import counted, joined, said
from evidence.vocabulary import Likelihood
from policies.engine.words import EvidenceKind
from refunds.preparation.base import Source, Tone
from refunds.preparation.words import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case

SENTENCES = {
    Likelihood.EXACT: gettext_noop("A photo here is, to the last byte, one of {requests}."),
    Likelihood.LIKELY: gettext_noop("A photo here is likely one of {requests}."),
    Likelihood.POSSIBLE: gettext_noop("A photo here may be one of {requests}."),
}


class Photos:
    """Tells of the pairs that were found when the files came in."""

    name = "photos"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Name the requests with the same photo, the most likely first."""
        own = case.refund_request
        page = f"{own.get_absolute_url()}#evidence"
        here = Source(own.reference, "evidence", page)
        if not case.reuses:
            if EvidenceKind.PHOTO in case.proof_kinds:
                yield found(self.name, Tone.FINE, said("No photo was sent with another request."), here)
            return
        by_id = {other.pk: other for other in case.others if other.pk in case.shown}
        for likelihood in Likelihood:
            pks = [pk for pk, how in case.reuses.items() if how == likelihood]
            if not pks:
                continue
            named = [by_id[pk] for pk in pks if pk in by_id]
            words = [one.reference for one in named]
            if len(pks) > len(named):
                words.append(_elsewhere(len(pks) - len(named)))
            sentence = said(SENTENCES[likelihood], requests=joined(words, ", "))
            yield found(self.name, Tone.LOOK, sentence, here, *[case.source(one, "evidence") for one in named])


def _elsewhere(count: int) -> str:
    if count == 1:
        return counted("{count} request of another team", "{count} requests of another team", count)
    return said("{count} requests of other teams", count=count)
