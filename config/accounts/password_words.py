"""Words that everybody here would guess first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.base_user import AbstractBaseUser

LEAST_LEFT: Final = 8
OUR_OWN: Final = frozenset({"redress", "refund", "password", "passwort", "welcome"})
SHORTEST: Final = 4
TOO_MUCH: Final = "Too much of this password is a name that everybody here knows. Add more words of your own."


def words_of(hosts: Iterable[str], told: Iterable[str]) -> list[str]:
    """List the words: our own, those the operator names, and what the portal's hosts are called."""
    labels = {label for host in hosts for label in host.casefold().strip(".").split(".")[:-1]}
    found = OUR_OWN | {word.casefold() for word in told} | labels
    return sorted((word for word in found if len(word) >= SHORTEST), key=lambda word: (-len(word), word))


class ContextWords:
    """Wants enough of a password to be left when such words are taken out of it."""

    def __init__(self, words: list[str]) -> None:
        """Know the words, the longest first."""
        self.words = words

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:  # noqa: ARG002 - Django's signature
        """:raises ValidationError: `known_words`"""
        left = password.casefold()
        for word in self.words:
            left = left.replace(word, "")
        if left != password.casefold() and len(left) < LEAST_LEFT:
            raise ValidationError(TOO_MUCH, code="known_words")

    def get_help_text(self) -> str:
        """Say it before somebody chooses."""
        return gettext("Names of the company and the portal count for nothing in it.")
