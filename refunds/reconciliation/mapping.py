"""The mappings of columns: who sets them, and that what was read by one stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import known_currency
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import ColumnMapping, Statement
from refunds.models.column_mapping import READ_BY

from .categories import is_known
from .formats.clocks import zone_named
from .formats.mapped import words_of

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

ADDS = "refunds.add_columnmapping"
CHANGES = "refunds.change_columnmapping"


def faults_of(mapping: ColumnMapping) -> list[Reason]:
    """Find what no mapping can be, and what one that was used must stay."""
    faults = []
    if bool(mapping.amount_column) == bool(mapping.debit_column) or (
        bool(mapping.debit_column) != bool(mapping.credit_column)
    ):
        sentence = said("Name the column of the amount, or those of debit and credit.")
        faults.append(Reason("no_amount", sentence, "amount_column"))
    if not mapping.currency and not mapping.currency_column:
        faults.append(Reason("no_currency", said("Name the currency, or the column that names it."), "currency"))
    if mapping.currency and not known_currency(mapping.currency):
        faults.append(
            Reason("unknown_currency", said("“{currency}” is not a currency.", currency=mapping.currency), "currency")
        )
    try:
        zone_named(mapping.time_zone)
    except ValueError as error:
        faults.append(Reason("unknown_zone", str(error), "time_zone"))
    words = words_of(mapping.categories)
    unknown = sorted({word for word in words.values() if not is_known(word)})
    if unknown:
        faults.append(
            Reason("unknown_category", said("Not words of ours: {names}.", names=", ".join(unknown)), "categories")
        )
    if mapping.category_column and not words:
        faults.append(Reason("no_words", said("Say what the words in that column mean."), "categories"))
    return faults + _changed_after_use(mapping)


def save_mapping(*, mapping: ColumnMapping, actor: User, at: datetime) -> ColumnMapping:
    """Save a mapping, a new one or one that is known.

    :raises NotPermitted: without the right
    :raises Refused: with every fault
    """
    is_new = _saved(mapping) is None
    needed = ADDS if is_new else CHANGES
    if not actor.has_perm(needed):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=needed))
    if faults := faults_of(mapping):
        raise Refused.of(faults)
    mapping.save()
    ledger.record(
        subject=mapping.subject,
        kind="column_mapping.set",
        actor=actor,
        at=at,
        sentence=f"{'saved' if is_new else 'changed'} how files of “{mapping.title}” are read.",
        data={name: getattr(mapping, name) for name in READ_BY},
    )
    return mapping


def _changed_after_use(mapping: ColumnMapping) -> list[Reason]:
    before = _saved(mapping)
    if before is None:
        return []
    changed = [name for name in READ_BY if getattr(before, name) != getattr(mapping, name)]
    if changed and Statement.objects.filter(format=before.format_name).exists():
        sentence = said("Files were imported by this mapping and may be read again. Make another one.")
        return [Reason("mapping_in_use", sentence, changed[0])]
    return []


def _saved(mapping: ColumnMapping) -> ColumnMapping | None:
    return ColumnMapping.objects.filter(pk=mapping.pk).first()
