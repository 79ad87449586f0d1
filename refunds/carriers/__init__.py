"""When an order arrived: what carriers say, what people note, and whose word counts."""
