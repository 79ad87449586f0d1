"""What every test may stand on: people with a story, orders built by real verbs, a clock, an outbox drained by hand."""
