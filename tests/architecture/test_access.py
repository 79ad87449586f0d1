"""Every address for every person: the table is the truth, and a new address without a row fails."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from tests.harness.people import STORIES, settle

from .access_matrix import ROLES
from .access_table import ELSEWHERE, TABLE, WHO, rows
from .addresses import names, patterns
from .asking import client_of
from .samples import Sample
from .walking import TWINS, Walk, asked, rows_of

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

OPEN_TO_ALL = {
    "logout",
    "refunds:stripe_webhook",
    "refunds:shopify_webhook",
    "refunds:magento_webhook",
}
"""Views that need no `@page`: they take no login, or their sender has another proof."""

OF_NO_TEAM = {
    "mend_news",
    "approvals:accept_delegation",
    "approvals:decline_delegation",
    "approvals:end_delegation",
    "approvals:remove_absence",
    "approvals_api:accept_delegation",
    "approvals_api:decline_delegation",
    "approvals_api:end_delegation",
    "approvals:confirm_change",
    "approvals:refuse_change",
    "approvals:withdraw_change",
    "approvals:confirm_role",
    "approvals:refuse_role",
    "approvals:withdraw_role",
    "approvals:rename_view",
    "approvals:delete_view",
    "refunds:try_line",
    "refunds:statement",
    "refunds:import_progress",
    "refunds:cancel_import",
    "refunds:match_again",
    "refunds:undo_import",
    "refunds:line",
    "refunds:match_line",
    "refunds:unmatch_line",
    "analytics:remediation",
    "analytics:remediation_review",
    "analytics:open_remediation",
    "analytics:remediation_item",
    "analytics:find_cause",
    "analytics:make_change",
    "analytics:propose_closing",
    "analytics:assign_item",
    "analytics:note_on_item",
    "analytics:attach_to_item",
    "analytics:confirm_closing",
    "analytics:decline_closing",
    "analytics:reopen_item",
    "analytics_api:remediation_items",
    "analytics_api:close_item",
    "analytics:measure_csv",
    "analytics:leakage_csv",
    "analytics:codes_csv",
    "analytics:pattern",
    "analytics:pattern_csv",
    "analytics:code",
    "refunds:bundle_file",
    "refunds_api:evidence_content",
    "evidence:file",
    "job",
    "refunds_api:cancel_bulk",
    "account:set_password",
    "account:end_session",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
}
"""A processor's line and statement serve all teams; limits, loans, figures, codes, tokens, jobs have other owners."""

RECORDS = {
    "evidence.ledgerentry",
    "evidence.attachment",
    "evidence.attachmentview",
    "evidence.customermessage",
    "evidence.refusedaction",
    "approvals.approvalroute",
    "approvals.approvalstep",
    "approvals.approvaldecision",
    "approvals.limitchange",
    "approvals.freezeswitch",
    "approvals.delegation",
    "approvals.absence",
    "policies.policydecision",
    "refunds.refundrequest",
    "refunds.operation",
    "refunds.payment",
    "refunds.order",
    "refunds.statement",
    "refunds.break",
    "refunds.webhookdelivery",
    "refunds.delivery",
}
"""What happened: the admin site shows it and changes none of it, whoever asks."""

EDITABLE = {
    "refunds.breaklimit",
    "refunds.breakpromise",
    "analytics.remediationrule",
    "analytics.scorecardthreshold",
    "refunds.columnmapping",
    "refunds.helpdesk",
    "refunds.glaccount",
    "kernel.user",
    "kernel.team",
    "kernel.apitoken",
    "kernel.serviceaccount",
    "approvals.authoritylimit",
    "approvals.stepuplimit",
    "approvals.teamcalendar",
    "policies.reasoncode",
    "policies.exceptioncode",
    "policies.policy",
    "policies.policyversion",
    "evidence.evidencerequirement",
    "evidence.messagetemplate",
    "refunds.webhookendpoint",
    "refunds.shopconnection",
}


class TestTheAccessTable:
    def test_has_a_row_for_every_address(self) -> None:
        told = {name for _, name, _ in rows()} | ELSEWHERE.keys()
        asked = {name for name in names() if not name.startswith("admin:")}

        assert asked - told == set(), "Enter these addresses in tests/architecture/access_table.py."
        assert told - asked - ELSEWHERE.keys() == set(), "These addresses are gone."

    def test_has_a_column_for_everybody(self) -> None:
        assert set(WHO) == {"", *STORIES}
        assert set(WHO) - set(ROLES) <= set(TWINS)
        assert TABLE.strip()

    @pytest.mark.slow
    @pytest.mark.django_db
    @pytest.mark.usefixtures("plain_refusals")
    def test_is_what_everybody_hears(self, world: World) -> None:
        """The pages of refunds; the other parts of the table are walked by files of their own, at the same time."""
        walk = Walk(Sample(world, world.team(), settle("amir")))

        assert walk.faults((method, name, asked(told)) for method, name, told in rows_of("refunds")) == []


class TestPages:
    def test_say_who_may_open_them(self) -> None:
        """Every page of ours goes through `@page`, which refuses service accounts and forbids caches."""
        bare = [
            name
            for name, route, view in patterns()
            if inspect.unwrap(view).__module__.split(".")[0] in {"refunds", "approvals", "evidence", "analytics"}
            and not route.startswith(("api/", "admin/"))
            and name not in OPEN_TO_ALL
            and not _is_a_page(view)
        ]

        assert bare == []


class TestTheAdminSite:
    def test_knows_every_model_as_a_record_or_as_editable(self) -> None:
        registered = {model._meta.label_lower for model in admin.site._registry}

        assert registered == RECORDS | EDITABLE

    @pytest.mark.django_db
    def test_changes_no_record_even_for_a_superuser(self, world: World, zeus: User) -> None:
        request = RequestFactory().get("/admin/")
        request.user = zeus

        open_doors = [
            f"{model._meta.label_lower} may be {verb}"
            for model, shown in admin.site._registry.items()
            if model._meta.label_lower in RECORDS
            for verb, may in (
                ("added", shown.has_add_permission(request)),
                ("changed", shown.has_change_permission(request)),
                ("deleted", shown.has_delete_permission(request)),
            )
            if may
        ]

        assert open_doors == []

    @pytest.mark.django_db
    def test_lets_in_nobody_but_staff(self, world: World) -> None:
        assert Client().get("/admin/").status_code == 302
        heard = {
            username: client_of(settle(username)).get("/admin/refunds/refundrequest/").status_code
            for username in STORIES
        }

        assert {username for username, status in heard.items() if status == 200} == {
            username for username, story in STORIES.items() if story.is_staff
        }
        assert set(heard.values()) == {200, 403}


def _is_a_page(view: object) -> bool:
    while view is not None:
        if hasattr(view, "permissions_asked"):
            return True
        view = getattr(view, "__wrapped__", None)
    return False
