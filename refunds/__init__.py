"""One refund from the plea to the books: orders, requests, money out, reconciliation."""
