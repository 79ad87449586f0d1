"""The three noes a person may hear; everything else is a bug and crashes loudly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from .wording import joined

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a refusal: a code for machines, a sentence for people, the field it hangs on."""

    code: str
    detail: str
    field: str = ""


class Refused(Exception):
    """The wish was understood and refused, with every reason at once. Nothing was written."""

    def __init__(self, code: str, detail: str, field: str = "") -> None:
        """Refuse for one reason."""
        super().__init__(detail)
        self.reasons: tuple[Reason, ...] = (Reason(code, detail, field),)

    @classmethod
    def of(cls, reasons: Iterable[Reason]) -> Self:
        """Refuse for several reasons; the first one speaks for all."""
        reasons = tuple(reasons)
        refusal = cls(reasons[0].code, reasons[0].detail, reasons[0].field)
        refusal.reasons = reasons
        return refusal

    @property
    def code(self) -> str:
        """The code of the only reason, or `refused` when there are several kinds."""
        codes = {reason.code for reason in self.reasons}
        return codes.pop() if len(codes) == 1 else "refused"

    @property
    def detail(self) -> str:
        """All sentences, one after the other."""
        return joined(reason.detail for reason in self.reasons)


class NotPermitted(Exception):
    """The person is known and not entitled; asked before any state is looked at."""

    def __init__(self, code: str, detail: str) -> None:
        """Say no to this person, whatever the state."""
        super().__init__(detail)
        self.code = code
        self.detail = detail


class OutOfDate(Exception):
    """Somebody was faster, or the page was stale."""

    def __init__(self, code: str, detail: str) -> None:
        """Say what happened meanwhile."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
