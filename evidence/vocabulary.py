"""The closed lists of evidence."""

from django.db import models


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    PHOTO = "photo", "Photo"
    RECEIPT = "receipt", "Receipt"
    CARRIER_PROOF = "carrier_proof", "Proof from the carrier"
    CUSTOMER_MESSAGE = "customer_message", "Message from the customer"
    OTHER = "other", "Other"


class MessageState(models.TextChoices):
    """The life of a message to a customer."""

    WRITTEN = "written", "Waiting to be sent"
    SENT = "sent", "Sent"
    KEPT = "kept", "Kept here, not sent"
