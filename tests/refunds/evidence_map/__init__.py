"""What must prove a refund at each decision."""
