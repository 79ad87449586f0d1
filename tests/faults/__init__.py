"""What goes wrong on the way to the processor and back."""
