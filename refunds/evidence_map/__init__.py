"""What must prove a refund at each decision: the gates, how complete it is, and the catalogue behind both."""
