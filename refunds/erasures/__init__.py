"""Forgetting a customer: who is meant, what the law keeps, who asks and who confirms, what goes, what is left."""
