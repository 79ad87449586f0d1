"""The processor's record against ours."""
