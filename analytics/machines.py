"""The part of analytics that acts by itself, and the few verbs it may speak."""

from config.kernel.people import Machine

CLOCK = Machine(
    "quality watch",
    frozenset({"analytics.settle_remediationitem", "analytics.reopen_remediationitem"}),
)
"""Opens items by rule, tests what was fixed, and notes what is overdue; it agrees to no closing."""
