"""The parts of Redress that act by themselves, and the few verbs each may speak."""

from config.kernel.people import Machine

POLICY = Machine(
    "policy",
    frozenset(
        {
            "refunds.approve_automatically_refundrequest",
            "refunds.route_refundrequest",
            "refunds.refer_refundrequest",
            "refunds.block_refundrequest",
        }
    ),
)
"""Speaks the verdict. It never signs for a person: `approve` is not among its verbs."""

WORKER = Machine(
    "payments worker",
    frozenset(
        {"refunds.process_refundrequest", "policies.execute_governedaction", "policies.observe_governedaction"},
    ),
)
"""Takes approved money to the gateway and notes what came back."""

CLOCK = Machine("clock", frozenset({"refunds.expire_refundrequest"}))
"""Ends what nobody finished in time."""

SHIELD = Machine("shield", frozenset({"refunds.hold_refundrequest", "refunds.shield_refundrequest"}))
"""Keeps money here that a bank may take back anyway; it approves nothing."""

MATCHING = Machine("matching", frozenset({"refunds.reconcile_refundrequest"}))
"""Closes requests whose statement line agrees to the last unit."""
