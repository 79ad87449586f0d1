"""What processors tell us: verified on raw bytes, stored once, answered, worked on later."""
