"""What is looked up before somebody decides."""
