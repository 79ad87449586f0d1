"""People's authority, routes, steps and decisions. Knows a subject only by its brief."""
