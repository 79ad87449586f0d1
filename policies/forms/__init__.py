"""A draft as typed rows. A field is named by its path in the document, so an error of the engine finds its field."""

from .codes import ExceptionCodeForm, ReasonCodeForm
from .draft import DraftForm
from .policy import PolicyForm

__all__ = ["DraftForm", "ExceptionCodeForm", "PolicyForm", "ReasonCodeForm"]
