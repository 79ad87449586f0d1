"""What customers are told: the events, the words each may use, the lines nobody edits, and the editions of the text."""
