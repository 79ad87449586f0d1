"""What finance and the processor disagree on, from the moment it is found until somebody says why."""
