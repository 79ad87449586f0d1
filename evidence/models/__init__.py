"""The models of evidence, one file per noun."""

from .attachment import Attachment
from .attachment_view import AttachmentView
from .customer_message import CustomerMessage
from .evidence_requirement import EvidenceRequirement
from .ledger_entry import LedgerEntry
from .subject_salt import SubjectSalt

__all__ = ["Attachment", "AttachmentView", "CustomerMessage", "EvidenceRequirement", "LedgerEntry", "SubjectSalt"]
