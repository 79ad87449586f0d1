"""Quality sampling: lots, blind looks, and what they bring."""
