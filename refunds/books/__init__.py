"""The books: what each fact does to which account, what a general ledger takes over, and months that are closed."""
