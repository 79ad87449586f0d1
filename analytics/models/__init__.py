"""What analytics keeps."""

from .insight import Insight

__all__ = ["Insight"]
