"""The part of the policies that acts by itself."""

from config.kernel.people import Machine

CLOCK = Machine("policy clock", frozenset({"policies.publish_policyversion"}))
"""Puts a version in force at the moment a person signed for; it signs for nothing itself."""

TRIAL = Machine("policy in shadow", frozenset())
"""A version that is tried out beside the one in force: it may do nothing."""

JUDGE = Machine("policy", frozenset({"policies.judge_governedaction"}))
"""Speaks the verdict on a governed action; it signs for nobody."""

OBSERVER = Machine("observer", frozenset({"policies.observe_governedaction"}))
"""Notes what left the processor; it lets nothing leave."""

LAPSE = Machine("clock", frozenset({"policies.lapse_governedaction"}))
"""Ends a governed action that nobody finished in time."""
