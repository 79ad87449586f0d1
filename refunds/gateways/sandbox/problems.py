"""The noes of the sandbox, in Stripe's shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(eq=False)
class Problem(Exception):
    """An error answer; `is_validation` marks those that no idempotency key remembers, as nothing was begun."""

    status: int
    code: str | None
    message: str
    param: str | None = None
    kind: str = "invalid_request_error"
    is_validation: bool = False

    def body(self) -> dict[str, Any]:
        """Say it as Stripe would."""
        told: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            told["code"] = self.code
            told["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            told["param"] = self.param
        return {"error": told}


def refuse(code: str, message: str, param: str) -> NoReturn:
    """Refuse a parameter that cannot be right."""
    raise Problem(400, code, message, param=param, is_validation=True)


def refuse_missing(noun: str, reference: str, param: str) -> NoReturn:
    """Say that nobody knows this id."""
    raise Problem(404, "resource_missing", f"No such {noun}: '{reference}'", param=param)
