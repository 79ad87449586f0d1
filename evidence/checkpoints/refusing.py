"""Why something could not be done elsewhere."""


class UnableToDo(Exception):
    """A copy or a stamp was not to be had, in a sentence."""
