"""Identities whose orders come back far more often than other people's."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from config.kernel.wording import said

from .kinds import SERIAL
from .peers import against_others
from .signals import Signal, looked, share

if TYPE_CHECKING:
    from .identity import Identity
    from .rows import Asked, Observed
    from .signals import Looked

FEWEST_RETURNS = 4


def serial_refunders(observed: Observed) -> Looked:
    """Look at every identity that bought; those with fewer than four orders returned cannot become a signal."""
    by_customer: dict[int, list[Asked]] = defaultdict(list)
    for one in observed.requests:
        if one.customer is not None and one.order_id is not None:
            by_customer[one.customer].append(one)
    returned = sum(len({one.order_id for one in rows}) for rows in by_customer.values())
    found = []
    for customer, rows in sorted(by_customer.items()):
        count = len({one.order_id for one in rows})
        # An order placed before these days can still come back in them.
        of = max(observed.orders_of.get(customer, 0), count)
        if count < FEWEST_RETURNS:
            continue
        expected, p_value = against_others(
            count, of, returned - count, max(observed.order_count - of, returned - count)
        )
        found.append(
            Signal(
                kind=SERIAL,
                key=str(customer),
                sentence=f"One customer asked for money back on {count} of {of} orders; of everybody else's "
                f"{share(expected)} come back.",
                numbers=(
                    (said("Share"), share(count / of)),
                    (said("Expected"), share(expected)),
                    (said("Requests"), str(len(rows))),
                    *_accounts(observed.linked.get(customer)),
                ),
                rows=tuple(one.id for one in rows),
                p_value=p_value,
            )
        )
    return looked(found, tests=max(observed.identity_count, len(by_customer)))


def _accounts(linked: Identity | None) -> tuple[tuple[str, str], ...]:
    """Say how many accounts it is, and why they are taken for one."""
    if linked is None:
        return ()
    return (said("Accounts"), str(linked.account_count)), (said("Linked by"), ", ".join(linked.linked_by))
