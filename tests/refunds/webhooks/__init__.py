"""What processors and shops tell us: received, refused, applied."""
