"""Who hears what in the admin site, by rule: which right opens which address, and what the entitled then hear.

The five pages that every model has follow from its line in MODELS and from the rights of each role
(`approvals/roles.py`). Every other address stands in OWN_PAGES or IN_GENERAL. A new address needs a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from approvals.roles import ROLES

from .addresses import names

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY, SUPERUSER, NO_ROLE = "", "superuser", "no role"
STAFF: Final = (*ROLES, NO_ROLE, SUPERUSER)
"""Who is asked as staff: somebody with each role alone, with none, and a superuser."""

ALWAYS, NEVER = "-", "!"
"""Instead of a right: every staff member has it; nobody has it, a superuser neither."""


class Pages(NamedTuple):
    """Which right opens the five pages of a model, whether its rows belong to a team, and what an empty form hears."""

    look: str
    add: str = NEVER
    change: str = NEVER
    delete: str = NEVER
    is_of_team: bool = False
    saved: int = 200


class Address(NamedTuple):
    """One address: who may ask in which way, and what she who may then hears of something of her team."""

    name: str
    get: str
    get_status: int
    post: str
    post_status: int
    is_of_team: bool = False


def _record(right: str) -> Pages:
    """Shown and never written."""
    return Pages(right)


def _of_team(right: str) -> Pages:
    """Shown to those who work for its team, and never written."""
    return Pages(right, is_of_team=True)


def _set_up(model: str) -> Pages:
    """Set up for every team by whoever has the rights of its model; switched off instead of deleted."""
    app, word = model.split(".")
    return Pages(f"{app}.view_{word}", f"{app}.add_{word}", f"{app}.change_{word}")


MODELS: Final[dict[str, Pages]] = {
    "evidence.ledgerentry": _record("evidence.view_checkpoint"),
    "evidence.refusedaction": _record("evidence.view_refusedaction"),
    "evidence.attachment": _of_team("evidence.view_attachment"),
    "evidence.attachmentview": _of_team("evidence.view_attachmentview"),
    "evidence.customermessage": _of_team("evidence.view_customermessage"),
    "approvals.approvalroute": _of_team("approvals.view_approvalroute"),
    "approvals.approvalstep": _of_team("approvals.view_approvalstep"),
    "approvals.approvaldecision": _of_team("approvals.view_approvaldecision"),
    "approvals.freezeswitch": _of_team("approvals.view_freezeswitch"),
    "approvals.delegation": _record("approvals.view_delegation"),
    "approvals.absence": _record("approvals.view_absence"),
    "approvals.limitchange": _record("approvals.view_limitchange"),
    "policies.policydecision": _of_team("policies.view_policydecision"),
    "refunds.refundrequest": _of_team("refunds.view_refundrequest"),
    "refunds.operation": _of_team("refunds.view_operation"),
    "refunds.payment": _of_team("refunds.view_order"),
    "refunds.order": _of_team("refunds.view_order"),
    "refunds.break": _of_team("refunds.view_break"),
    "refunds.delivery": _of_team("refunds.view_delivery"),
    "refunds.webhookdelivery": _of_team("refunds.view_webhookdelivery"),
    "refunds.statement": _record("refunds.view_statement"),
    "kernel.apitoken": _record("kernel.view_apitoken"),
    "kernel.user": _set_up("kernel.user"),
    "kernel.team": _set_up("kernel.team"),
    "kernel.serviceaccount": _set_up("kernel.serviceaccount"),
    "approvals.authoritylimit": _set_up("approvals.authoritylimit")._replace(delete="approvals.delete_authoritylimit"),
    "approvals.stepuplimit": _set_up("approvals.stepuplimit")._replace(delete="approvals.delete_stepuplimit"),
    "approvals.teamcalendar": _set_up("approvals.teamcalendar"),
    "policies.reasoncode": _set_up("policies.reasoncode"),
    "policies.exceptioncode": _set_up("policies.exceptioncode"),
    "policies.policy": _set_up("policies.policy")._replace(is_of_team=True),
    "policies.policyversion": _set_up("policies.policyversion")._replace(add=NEVER, is_of_team=True, saved=422),
    "evidence.evidencerequirement": _set_up("evidence.evidencerequirement"),
    "evidence.messagetemplate": _set_up("evidence.messagetemplate")._replace(add=NEVER, change=NEVER),
    "refunds.breaklimit": _set_up("refunds.breaklimit"),
    "refunds.breakpromise": _set_up("refunds.breakpromise"),
    "refunds.columnmapping": _set_up("refunds.columnmapping"),
    "refunds.glaccount": _set_up("refunds.glaccount"),
    "refunds.helpdesk": _set_up("refunds.helpdesk"),
    "refunds.shopconnection": _set_up("refunds.shopconnection")._replace(is_of_team=True),
    "refunds.webhookendpoint": _set_up("refunds.webhookendpoint")._replace(is_of_team=True),
    "analytics.remediationrule": _set_up("analytics.remediationrule"),
    "analytics.scorecardthreshold": _set_up("analytics.scorecardthreshold"),
}

ANY_OF: Final = {"PROPOSE": "policies.change_policy|policies.publish_policyversion"}
"""Where either right does."""

OWN_PAGES: Final = """
address                                  GET needs                        hears POST needs                       hears
auth_user_password_change                kernel.change_user                 200 kernel.change_user                 200
evidence_messagetemplate_begin           evidence.view_messagetemplate      200 evidence.change_messagetemplate    302
evidence_messagetemplate_hand_in         evidence.view_messagetemplate      200 evidence.change_messagetemplate    409
evidence_messagetemplate_send_back       evidence.view_messagetemplate      200 evidence.change_messagetemplate    409
evidence_messagetemplate_publish         evidence.view_messagetemplate      200 evidence.publish_messagetemplate   409
evidence_messagetemplate_discard         evidence.view_messagetemplate      200 evidence.change_messagetemplate    409
kernel_apitoken_revoke                   kernel.delete_apitoken             200 kernel.delete_apitoken             302
kernel_apitoken_rotate                   kernel.add_apitoken                200 kernel.add_apitoken                200
kernel_serviceaccount_issue              kernel.add_apitoken                200 kernel.add_apitoken                200
kernel_serviceaccount_quarantine         kernel.quarantine_serviceaccount   200 kernel.quarantine_serviceaccount   200
kernel_serviceaccount_release            kernel.quarantine_serviceaccount   200 kernel.quarantine_serviceaccount   200
policies_reasoncode_activate             policies.change_reasoncode         409 policies.change_reasoncode         409
policies_reasoncode_retire               policies.change_reasoncode         200 policies.change_reasoncode         302
policies_reasoncode_merge                policies.change_reasoncode         200 policies.change_reasoncode         422
policies_exceptioncode_activate          policies.change_exceptioncode      409 policies.change_exceptioncode      409
policies_exceptioncode_retire            policies.change_exceptioncode      200 policies.change_exceptioncode      302
policies_exceptioncode_merge             policies.change_exceptioncode      200 policies.change_exceptioncode      422
policies_policydecision_replay         * policies.view_policydecision       200 policies.view_policydecision       200
policies_policy_shadow                 * policies.view_policyversion        200 policies.view_policyversion        200
policies_policy_shadow_rows            * policies.view_policyversion        200 policies.view_policyversion        200
policies_policy_shadow_file            * policies.view_policyversion        200 policies.view_policyversion        200
policies_policy_version_shadow         * policies.view_policyversion        200 policies.view_policyversion        200
policies_policy_version_shadow_rows    * policies.view_policyversion        200 policies.view_policyversion        200
policies_policy_version_shadow_file    * policies.view_policyversion        200 policies.view_policyversion        200
policies_policy_propose_mode           * PROPOSE                             200 PROPOSE                             422
policies_policy_confirm_mode           * policies.answer_modechange         200 policies.answer_modechange         302
policies_policy_refuse_mode            * policies.answer_modechange         200 policies.answer_modechange         422
policies_policy_templates                policies.add_policyversion         200 policies.add_policyversion         200
policies_policy_template                 policies.add_policyversion         200 policies.add_policyversion         422
policies_policyversion_new_draft       * policies.add_policyversion         200 policies.add_policyversion         302
policies_policyversion_review          * policies.change_policyversion      200 policies.change_policyversion      302
policies_policyversion_back            * policies.change_policyversion      200 policies.change_policyversion      302
policies_policyversion_shadow          * policies.publish_policyversion     200 policies.publish_policyversion     409
policies_policyversion_publish         * policies.publish_policyversion     200 policies.publish_policyversion     409
policies_policyversion_recall          * policies.change_policyversion      200 policies.change_policyversion      302
policies_policyversion_emergency       * policies.publish_policyversion     422 policies.publish_policyversion     422
policies_policyversion_emergency_review * policies.review_policyversion     200 policies.review_policyversion      422
policies_policyversion_matrix          * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_preview         * policies.change_policyversion      302 policies.change_policyversion      200
policies_policyversion_difference      * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_proof           * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_rules_file      * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_matrix_file     * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_log             * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_log_file        * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_baselines       * policies.view_policyversion        200 policies.add_baseline              422
policies_policyversion_baseline        * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_baseline_cancel * policies.view_policyversion        302 !                                  302
policies_policyversion_backtests       * policies.view_policyversion        200 policies.view_policyversion        422
policies_policyversion_backtest        * policies.view_policyversion        200 policies.view_policyversion        200
policies_policyversion_backtest_cancel * policies.view_policyversion        302 !                                  302
policies_policyversion_backtest_flips  * policies.view_policyversion        200 policies.view_policyversion        200
refunds_delivery_again                 * -                                  405 refunds.retry_delivery             409
refunds_shopconnection_health          * refunds.view_shopconnection        200 refunds.view_shopconnection        200
refunds_shopconnection_rotate          * -                                  405 refunds.change_shopconnection      422
refunds_shopconnection_renew_address   * -                                  405 refunds.change_shopconnection      200
refunds_shopconnection_switch_on       * -                                  405 refunds.change_shopconnection      409
refunds_shopconnection_switch_off      * -                                  405 refunds.change_shopconnection      302
refunds_shopconnection_resync          * -                                  405 refunds.change_shopconnection      422
refunds_shopconnection_stop_resync     * -                                  405 refunds.change_shopconnection      409
refunds_shopconnection_tell_again      * -                                  405 refunds.change_shopconnection      409
refunds_shopconnection_leave_untold    * -                                  405 refunds.change_shopconnection      409
refunds_webhookdelivery_again          * -                                  405 refunds.resend_webhookdelivery     409
refunds_webhookendpoint_health         * refunds.view_webhookendpoint       200 refunds.view_webhookendpoint       200
refunds_webhookendpoint_test           * -                                  405 refunds.resend_webhookdelivery     409
refunds_webhookendpoint_resend         * -                                  405 refunds.resend_webhookdelivery     422
refunds_webhookendpoint_rotate         * -                                  405 refunds.change_webhookendpoint     422
refunds_webhookendpoint_end_secret     * -                                  405 refunds.change_webhookendpoint     409
refunds_webhookendpoint_disable        * -                                  405 refunds.change_webhookendpoint     422
refunds_webhookendpoint_enable         * -                                  405 refunds.change_webhookendpoint     302
evidence_evidencerequirement_patterns    evidence.add_evidencerequirement   200 evidence.add_evidencerequirement   200
evidence_evidencerequirement_pattern     -                                  405 evidence.add_evidencerequirement   302
"""
"""Of one model each; a star stands beside what belongs to a team."""

ANYTHING_OF_REFUNDS: Final = "|".join(pages.look for label, pages in MODELS.items() if label.startswith("refunds."))

IN_GENERAL: Final = (
    Address("index", ALWAYS, 200, ALWAYS, 200),
    Address("login", ALWAYS, 302, ALWAYS, 302),
    Address("logout", ALWAYS, 405, ALWAYS, 302),
    Address("password_change_done", ALWAYS, 200, ALWAYS, 405),
    # Nothing asks it for anything: no page has a box that completes.
    Address("autocomplete", NEVER, 403, ALWAYS, 405),
    Address("password_change", ALWAYS, 302, ALWAYS, 302),
    Address("app_list", ANYTHING_OF_REFUNDS, 200, ANYTHING_OF_REFUNDS, 200),
    Address("jsi18n", ALWAYS, 200, ALWAYS, 405),
    Address("view_on_site", ALWAYS, 404, ALWAYS, 404),
    Address("admin/(?P<url>.*)$", ALWAYS, 404, ALWAYS, 404),
    *(Address(f"admin/{label.replace('.', '/')}/<path:object_id>/", ALWAYS, 302, ALWAYS, 302) for label in MODELS),
)
"""Pages of no model, and the short addresses that lead on to the page of a row, which then asks."""


def of_models() -> Iterator[Address]:
    """List the five pages of each model; an empty form is shown again."""
    for label, pages in MODELS.items():
        prefix, of_team = label.replace(".", "_"), pages.is_of_team
        yield Address(f"{prefix}_changelist", pages.look, 200, pages.look, 200)
        yield Address(f"{prefix}_add", pages.add, 200, pages.add, 200)
        yield Address(f"{prefix}_change", pages.look, 200, pages.change, pages.saved, of_team)
        yield Address(f"{prefix}_delete", pages.delete, 200, pages.delete, 200, of_team)
        yield Address(f"{prefix}_history", pages.look, 200, pages.look, 200, of_team)


def own_pages() -> Iterator[Address]:
    """Read the table of pages that one model alone has."""
    for line in OWN_PAGES.strip().splitlines()[1:]:
        words = [word for word in line.split() if word != "*"]
        name, get, get_status, post, post_status = words
        yield Address(
            name,
            ANY_OF.get(get, get),
            int(get_status),
            ANY_OF.get(post, post),
            int(post_status),
            is_of_team=" * " in line,
        )


def lines() -> dict[str, Address]:
    """Name the line of every address."""
    return {address.name: address for address in (*of_models(), *own_pages(), *IN_GENERAL)}


def addresses() -> set[str]:
    """Name every address of the admin site."""
    return {name.removeprefix("admin:") for name in names() if name.startswith("admin:")}


def rights_of(who: str) -> frozenset[str]:
    """List what a role may do."""
    return ROLES.get(who, frozenset())


HER_OWN: Final = frozenset(
    (f"approvals_delegation_{page}", who)
    for page in ("change", "history")
    for who in ("approver", "manager", "director")
)
"""Pages of which these see only those they lent or were lent."""


def may(who: str, right: str) -> bool:
    """Tell by the table of roles whether somebody has a right, or one of several."""
    if right in {ALWAYS, NEVER}:
        return right == ALWAYS
    return who == SUPERUSER or any(one in rights_of(who) for one in right.split("|"))
