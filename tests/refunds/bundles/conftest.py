"""A key to seal with, and a place for files."""

from tests.evidence.conftest import key_file, private_files

__all__ = ["key_file", "private_files"]
