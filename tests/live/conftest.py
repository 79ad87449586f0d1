"""Screens live at the time of the story."""

import pytest


@pytest.fixture(autouse=True)
def at_noon(clock_of_the_story: None) -> None:
    """What is filed now is filed days after its order was placed."""
