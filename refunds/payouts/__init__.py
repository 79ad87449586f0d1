"""Other ways to pay a refund whose payment came back: proposed by one, signed for by others, paid once."""
