"""Examples in the OpenAPI document: one for each body and each answer of an operation that takes a body.

They are the files of `config/examples`, named for the component, or for the operation where the component means
different things there (`approve_refund_request.answer.json`). A test holds each to its own schema and sends it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "examples"


def add_examples(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """Put the examples beside the schemas; spectacular calls this with the finished document."""
    for operations in result["paths"].values():
        for operation in operations.values():
            if "requestBody" not in operation:
                continue
            name = operation["operationId"]
            _illustrate(operation["requestBody"], f"{name}.body")
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    _illustrate(answer, f"{name}.answer")
    return result


@cache
def known_examples() -> dict[str, Any]:
    """Read every example by the name of its file."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}


def _illustrate(spoken: dict[str, Any], own_name: str) -> None:
    for media in spoken.get("content", {}).values():
        component = media.get("schema", {}).get("$ref", "").rpartition("/")[2]
        example = known_examples().get(own_name, known_examples().get(component))
        if example is not None:
            media["example"] = example
