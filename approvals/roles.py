"""The roles and their permissions as one table; `manage.py sync_roles` writes it to Django's groups.

The table is the truth: what is not in it is taken away. Amounts are not here; they are authority limits.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from .setup_rights import SETS_UP

AGENT = "agent"
REVIEWER = "reviewer"
APPROVER = "approver"
MANAGER = "manager"
DIRECTOR = "director"
FINANCE = "finance"
QUALITY = "quality"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"
SERVICE = "service"

_FILES = {
    "refunds.view_order",
    "refunds.view_refundrequest",
    "refunds.submit_refundrequest",
    "refunds.withdraw_refundrequest",
    "evidence.view_attachment",
    "evidence.add_attachment",
}
_READS = {
    "refunds.view_order",
    "refunds.view_refundrequest",
    "evidence.view_attachment",
    "evidence.view_ledgerentry",
    "policies.view_policydecision",
}
_SIGNS = frozenset(
    _FILES
    | _READS
    | {
        "evidence.view_sensitive_attachment",
        "refunds.approve_refundrequest",
        "refunds.recall_refundrequest",
        "refunds.decline_refundrequest",
        "refunds.ask_refundrequest",
        "refunds.hold_refundrequest",
        "approvals.view_approvalroute",
        "approvals.decide_approvalstep",
        "approvals.view_authoritylimit",
        "approvals.view_delegation",
        "approvals.add_delegation",
        "approvals.view_freezeswitch",
        "approvals.view_deadend",
        "evidence.view_customermessage",
        "evidence.review_customermessage",
        "evidence.redraft_customermessage",
        "evidence.retry_customermessage",
        "policies.view_governedaction",
        "analytics.view_insight",
        "analytics.view_remediationitem",
    }
)
"""What every rank of approver may do; how much each may sign for is said by her limits."""

_OVERSEES = frozenset({"analytics.confirm_remediationitem", "analytics.oversee_remediationitem"})
"""What leads may do about a fix that somebody else owns."""

ROLES: dict[str, frozenset[str]] = {
    AGENT: frozenset(_FILES | _READS | {"evidence.view_customermessage"}),
    REVIEWER: frozenset(
        _FILES
        | _READS
        | {
            "evidence.view_sensitive_attachment",
            "refunds.review_refundrequest",
            "refunds.ask_refundrequest",
            "refunds.decline_refundrequest",
            "evidence.view_customermessage",
            "evidence.review_customermessage",
            "evidence.redraft_customermessage",
            "evidence.retry_customermessage",
            "evidence.view_messagetemplate",
            "evidence.change_messagetemplate",
            "evidence.publish_messagetemplate",
            "evidence.view_evidencerequirement",
            "policies.view_policy",
            "policies.view_policyversion",
            "policies.add_baseline",
            "policies.add_policyversion",
            "policies.change_policyversion",
            "policies.publish_policyversion",
            "policies.review_policyversion",
            "policies.view_modechange",
            "policies.answer_modechange",
            "policies.view_reasoncode",
            "policies.view_exceptioncode",
            "analytics.view_insight",
            "analytics.view_remediationitem",
            "analytics.add_remediationitem",
            "analytics.change_remediationitem",
            "analytics.confirm_remediationitem",
            "analytics.view_sample",
            "analytics.review_sample",
        }
    ),
    APPROVER: _SIGNS,
    MANAGER: _SIGNS | _OVERSEES,
    DIRECTOR: _SIGNS | _OVERSEES,
    FINANCE: frozenset(
        _READS
        | {
            "refunds.add_order",
            "refunds.hold_refundrequest",
            "refunds.retry_refundrequest",
            "refunds.propose_payout_refundrequest",
            "refunds.reopen_gatewayline",
            "refunds.add_release",
            "refunds.view_payee",
            "refunds.view_paymentfile",
            "refunds.add_paymentfile",
            "refunds.release_paymentfile",
            "refunds.decline_refundrequest",
            "refunds.reconcile_refundrequest",
            "approvals.view_authoritylimit",
            "approvals.view_limitchange",
            "refunds.view_erasure",
            "refunds.answer_erasure",
            "approvals.answer_limitchange",
            "approvals.view_freezeswitch",
            "approvals.add_freezeswitch",
            "approvals.change_freezeswitch",
            "approvals.view_deadend",
            "refunds.view_operation",
            "refunds.view_statement",
            "refunds.add_statement",
            "refunds.undo_statement",
            "refunds.add_match",
            "refunds.delete_match",
            "refunds.view_columnmapping",
            "refunds.view_journalentry",
            "refunds.view_glaccount",
            "refunds.view_glexport",
            "refunds.add_glexport",
            "refunds.view_period",
            "refunds.sign_period",
            "refunds.reopen_period",
            "refunds.view_break",
            "refunds.resolve_break",
            "refunds.view_breaklimit",
            "refunds.view_breakpromise",
            "evidence.view_customermessage",
            "evidence.redraft_customermessage",
            "evidence.retry_customermessage",
            "evidence.view_population",
            "policies.view_governedaction",
            "policies.ask_governedaction",
            "policies.explain_governedaction",
            "analytics.view_insight",
            "analytics.view_remediationitem",
        }
    ),
    QUALITY: frozenset(
        _READS
        | {
            "policies.view_governedaction",
            "analytics.view_insight",
            "analytics.recount_insight",
            "analytics.view_remediationitem",
            "analytics.add_remediationitem",
            "analytics.change_remediationitem",
            "analytics.confirm_remediationitem",
            "analytics.reopen_remediationitem",
            "analytics.view_people_insight",
            "analytics.view_sample",
            "analytics.add_sample",
            "analytics.review_sample",
            "analytics.look_into_signal",
            "evidence.view_evidencerequirement",
            "policies.view_policy",
            "policies.view_policyversion",
            "policies.review_policyversion",
            "policies.view_modechange",
            "policies.view_exceptioncode",
            "policies.view_reasoncode",
        }
    ),
    AUDITOR: frozenset(
        _READS
        | {
            "evidence.view_sensitive_attachment",
            "approvals.view_approvalroute",
            "approvals.view_approvaldecision",
            "approvals.view_authoritylimit",
            "approvals.view_limitchange",
            "approvals.review_authoritylimit",
            "approvals.view_delegation",
            "approvals.view_absence",
            "approvals.view_freezeswitch",
            "approvals.view_deadend",
            "refunds.view_paymentfile",
            "refunds.view_operation",
            "refunds.view_statement",
            "refunds.view_journalentry",
            "refunds.view_glaccount",
            "refunds.view_glexport",
            "refunds.view_period",
            "refunds.view_break",
            "refunds.view_breaklimit",
            "refunds.view_breakpromise",
            "refunds.view_erasure",
            "refunds.view_legalhold",
            "refunds.view_webhookendpoint",
            "refunds.view_webhookdelivery",
            "refunds.view_shopconnection",
            "refunds.view_helpdesk",
            "refunds.view_delivery",
            "evidence.view_customermessage",
            "evidence.view_evidencerequirement",
            "evidence.view_messagetemplate",
            "policies.view_policy",
            "policies.view_governedaction",
            "policies.view_policyversion",
            "policies.view_modechange",
            "policies.view_reasoncode",
            "policies.view_exceptioncode",
            "analytics.view_insight",
            "analytics.view_remediationitem",
            "analytics.view_people_insight",
            "analytics.view_sample",
            "evidence.view_checkpoint",
            "evidence.view_population",
            "evidence.view_refusedaction",
            "kernel.view_user",
            "kernel.view_team",
            "kernel.view_status",
            "kernel.view_signinevent",
        }
    ),
    ADMINISTRATOR: frozenset(_READS | SETS_UP | {"kernel.view_status", "kernel.mend_news", "kernel.view_signinevent"}),
    SERVICE: frozenset(
        _FILES
        | _READS
        | {
            "refunds.add_order",
            "refunds.add_erasure",
            "refunds.view_erasure",
            "approvals.view_approvalroute",
            "policies.view_reasoncode",
            "policies.view_governedaction",
            "policies.ask_governedaction",
        }
    ),
}

_GUARDED = {
    "approvals.decide_approvalstep",
    "approvals.answer_limitchange",
    "policies.publish_policyversion",
    "evidence.publish_messagetemplate",
    "policies.answer_modechange",
    "refunds.answer_erasure",
}
GUARDED_ROLES = frozenset(role for role, rights in ROLES.items() if rights & _GUARDED)
"""Roles that sign, confirm what others may sign for, or put policies in force: nobody gives them to anybody alone."""

DECIDING_ROLES = frozenset(ROLES) - {"agent", "auditor", "quality", "service"}
"""Roles that decide about money, exceptions, rules or people: they sign in with two things."""


def write_roles() -> None:
    """Write the table to groups, taking away what it does not name.

    :raises LookupError: when it names a permission no model declares
    """
    known = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    unknown = sorted({name for names in ROLES.values() for name in names} - known.keys())
    if unknown:
        message = f"No model declares {', '.join(unknown)}."
        raise LookupError(message)
    with transaction.atomic():
        for role, names in ROLES.items():
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set([known[name] for name in names])
