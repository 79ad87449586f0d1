"""The part of the policies that acts by itself."""

from config.kernel.people import Machine

CLOCK = Machine("policy clock", frozenset({"policies.publish_policyversion"}))
"""Puts a version in force at the moment a person signed for; it signs for nothing itself."""

TRIAL = Machine("policy in shadow", frozenset())
"""A version that is tried out beside the one in force: it may do nothing."""
