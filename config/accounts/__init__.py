"""One's own account: how one comes in, what proves that it is oneself, and where one is signed in."""
