"""Random single changes to a bundle: edit, delete, insert, reorder, swap; each differs from the original in its bytes.

Changes that would change nothing (the same byte again, two equal lines swapped) are left out by construction: `mutated`
draws again until the files are not those it was given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Contents = dict[str, bytes]


def mutated(random: Random, original: Contents, kinds: list[str], names: list[str]) -> tuple[str, Contents]:
    """Change one thing, and say in words what was changed."""
    while True:
        kind, name = random.choice(kinds), random.choice(names)
        contents = dict(original)
        KINDS[kind](random, contents, name, names)
        if contents != original:
            return f"{kind} {name}", contents


def _edit(random: Random, contents: Contents, name: str, names: list[str]) -> None:
    content = bytearray(contents[name])
    if content:
        place = random.randrange(len(content))
        content[place] ^= random.randrange(1, 256)
    contents[name] = bytes(content)


def _delete(random: Random, contents: Contents, name: str, names: list[str]) -> None:
    lines = contents[name].splitlines(keepends=True)
    choice = random.randrange(3)
    if choice == 0:
        del contents[name]
    elif choice == 1 and lines:
        del lines[random.randrange(len(lines))]
        contents[name] = b"".join(lines)
    else:
        start = random.randrange(len(contents[name]) + 1)
        contents[name] = contents[name][:start] + contents[name][start + random.randrange(1, 40) :]


def _insert(random: Random, contents: Contents, name: str, names: list[str]) -> None:
    lines = contents[name].splitlines(keepends=True)
    choice = random.randrange(4)
    if choice == 0:
        contents[f"{name}.{random.randrange(100)}"] = contents[name]
    elif choice == 1 and lines:
        lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
        contents[name] = b"".join(lines)
    elif choice == 2:
        other = random.choice(names)
        foreign = contents[other].splitlines(keepends=True) or [b"\n"]
        lines.insert(random.randrange(len(lines) + 1), random.choice(foreign))
        contents[name] = b"".join(lines)
    else:
        start = random.randrange(len(contents[name]) + 1)
        contents[name] = contents[name][:start] + random.randbytes(random.randrange(1, 8)) + contents[name][start:]


def _reorder(random: Random, contents: Contents, name: str, names: list[str]) -> None:
    lines = contents[name].splitlines(keepends=True)
    if len(lines) > 1:
        one, other = random.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
        contents[name] = b"".join(lines)
        return
    value = _json(contents[name])
    lists = [each for each in _inside(value) if isinstance(each, list) and len(each) > 1]
    if lists:
        chosen = random.choice(lists)
        one, other = random.sample(range(len(chosen)), 2)
        chosen[one], chosen[other] = chosen[other], chosen[one]
        contents[name] = _written(value)


def _swap(random: Random, contents: Contents, name: str, names: list[str]) -> None:
    """Swap two files, or the values of one field between two lines or two rows."""
    if random.randrange(2):
        other = random.choice(names)
        contents[name], contents[other] = contents[other], contents[name]
        return
    values = [_json(line) for line in contents[name].splitlines(keepends=True)]
    rows = [each for value in values for each in _inside(value) if isinstance(each, dict) and each]
    if len(rows) > 1:
        one, other_row = random.sample(rows, 2)
        shared = sorted(one.keys() & other_row.keys())
        if shared:
            field = random.choice(shared)
            one[field], other_row[field] = other_row[field], one[field]
            contents[name] = b"".join(_written(value) for value in values)


def _edit_value(random: Random, contents: Contents, name: str, names: list[str]) -> None:
    """Change one value of a JSON document and write it properly, as somebody would who knows the format."""
    values = [_json(line) for line in contents[name].splitlines(keepends=True)]
    rows = [each for value in values for each in _inside(value) if isinstance(each, dict) and each]
    if rows:
        row = random.choice(rows)
        field = random.choice(sorted(row))
        row[field] = _other(random, row[field])
        contents[name] = b"".join(_written(value) for value in values)


def _other(random: Random, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + random.choice([-1, 1, 100])
    if isinstance(value, str) and value:
        place = random.randrange(len(value))
        return value[:place] + random.choice("0123456789abcdef") + value[place + 1 :]
    return 0 if value is None else None


def _inside(value: Any) -> list[Any]:
    """List a value and all in it."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value, *(each for one in below for each in _inside(one))]


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _written(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


KINDS: dict[str, Callable[[Random, Contents, str, list[str]], None]] = {
    "edit": _edit,
    "edit a value of": _edit_value,
    "delete from": _delete,
    "insert into": _insert,
    "reorder": _reorder,
    "swap": _swap,
}
