"""What happened and what proves it: the ledger, attachments and messages to customers."""
