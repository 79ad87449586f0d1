"""Photos that were sent with more than one request, as one person may know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.links import SMALL, link_to
from evidence.permissions import visible_to as files_visible_to
from evidence.reuse import reuse_among

from .permissions import visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from config.kernel.people import User
    from evidence.models import Attachment
    from evidence.vocabulary import Likelihood

    from .models import RefundRequest

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SeenAgain:
    """A photo beside the one it looks like.

    `request` is None where the other hangs on a request that this person may not see: one of another team. `ours` and
    `theirs` are addresses of thumbnails, `theirs` empty where she may not see the other photo.
    """

    attachment: Attachment
    likelihood: Likelihood
    request: RefundRequest | None
    ours: str
    theirs: str
    their_page: str


def seen_again(attachments: Sequence[Attachment], *, viewer: User) -> dict[UUID, list[SeenAgain]]:
    """List for each photo where else it was sent, the most likely first, at most `MOST_SHOWN`."""
    found = {pk: reuses[:MOST_SHOWN] for pk, reuses in reuse_among(attachments).items()}
    others = [reuse.attachment for reuses in found.values() for reuse in reuses]
    if not others:
        return {}
    subjects = {other.subject_id for other in others}
    requests = {request.pk: request for request in visible_to(viewer).filter(pk__in=subjects)}
    mine = files_visible_to(viewer).filter(pk__in=[other.pk for other in others])
    visible = {shown.pk for shown in mine if shown.is_shown}
    ours = {one.pk: one for one in attachments}
    return {
        pk: [
            SeenAgain(
                attachment=ours[pk],
                likelihood=reuse.likelihood,
                request=requests.get(reuse.attachment.subject_id),
                ours=link_to(ours[pk], viewer=viewer, page=SMALL) if ours[pk].is_shown else "",
                theirs=link_to(reuse.attachment, viewer=viewer, page=SMALL)
                if reuse.attachment.pk in visible and reuse.attachment.subject_id in requests
                else "",
                their_page=reuse.attachment.get_absolute_url(),
            )
            for reuse in reuses
        ]
        for pk, reuses in found.items()
    }
