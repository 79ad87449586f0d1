"""What finance's record and ours disagree on: rows with an owner, a promise and an end."""
