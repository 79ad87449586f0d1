"""Other ways to pay, and who must agree to them."""
