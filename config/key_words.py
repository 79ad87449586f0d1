"""What a key must be: long enough and mixed enough that nobody tries it out, for nothing stretches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST_CHARACTERS: Final = 32
"""128 random bits, written in hexadecimal digits."""

LEAST_DIFFERENT: Final = 8
HOW: Final = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'


def objections_to_keys(keys: Mapping[str, Sequence[str]]) -> list[str]:
    """Name each setting that holds a key which can be guessed; an empty one is none."""
    return [
        f"{name} holds a key that is too easy to guess: it needs {LEAST_CHARACTERS} characters or more, "
        f"{LEAST_DIFFERENT} of them different. Make one with: {HOW}"
        for name, words in keys.items()
        if any(word and not is_hard_to_guess(word) for word in words)
    ]


def is_hard_to_guess(word: str) -> bool:
    """Whether a word may seal or sign."""
    return len(word) >= LEAST_CHARACTERS and len(set(word)) >= LEAST_DIFFERENT
