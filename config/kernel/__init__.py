"""Words every app shares: money, refusals, people and teams, the outbox, web and REST habits."""
