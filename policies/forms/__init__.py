"""A draft as typed rows. A field is named by its path in the document, so an error of the engine finds its field."""

from .codes import ExceptionCodeForm, ReasonCodeForm
from .draft import DraftForm
from .policy import PolicyForm
from .publication import EmergencyReviewForm, PublicationForm
from .switch import ConfirmModeForm, ProposeModeForm, RefuseModeForm

__all__ = [
    "ConfirmModeForm",
    "DraftForm",
    "EmergencyReviewForm",
    "ExceptionCodeForm",
    "PolicyForm",
    "ProposeModeForm",
    "PublicationForm",
    "ReasonCodeForm",
    "RefuseModeForm",
]
