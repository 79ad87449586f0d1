"""The models of evidence, one file per noun."""

from .attachment import Attachment
from .attachment_reuse import AttachmentFingerprint, AttachmentReuse
from .attachment_view import AttachmentView
from .bundle import Bundle, BundleDownload
from .checkpoint import Checkpoint, CheckpointErrand, CheckpointLeaf, CheckpointNode
from .customer_message import CustomerMessage
from .evidence_requirement import EvidenceRequirement
from .ledger_entry import LedgerEntry
from .message_template import MessageTemplate
from .refused_action import RefusedAction
from .signing_key import SigningKey
from .subject_salt import SubjectSalt

__all__ = [
    "Attachment",
    "AttachmentFingerprint",
    "AttachmentReuse",
    "AttachmentView",
    "Bundle",
    "BundleDownload",
    "Checkpoint",
    "CheckpointErrand",
    "CheckpointLeaf",
    "CheckpointNode",
    "CustomerMessage",
    "EvidenceRequirement",
    "LedgerEntry",
    "MessageTemplate",
    "RefusedAction",
    "SigningKey",
    "SubjectSalt",
]
