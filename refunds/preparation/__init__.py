"""What a colleague would look up before somebody decides. It judges nothing and moves nothing."""
