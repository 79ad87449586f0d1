"""A row of every model of the admin site, of a team or of none, and what fills the places of its addresses."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.models import Group

from analytics.models import RemediationRule, ScorecardThreshold
from analytics.remediation.rules import STANDARD
from approvals.models import ApprovalDecision, AuthorityLimit, StepUpLimit, TeamCalendar
from config.kernel.ids import new_id
from config.kernel.people import User, assign_to_teams, teams_of
from config.kernel.service_accounts import ServiceAccount
from config.kernel.tokens import ApiToken
from evidence.models import AttachmentView, EvidenceRequirement, LedgerEntry, MessageTemplate, RefusedAction
from policies.models import Baseline, ModeChange
from policies.simulation.backtesting import ask_backtest
from refunds.models import Break, BreakLimit, BreakPromise, ColumnMapping, Delivery, GLAccount, Operation
from tests.harness.people import by_decree, fresh, settle
from tests.harness.world import NOON
from tests.policies.test_baselines import asked
from tests.refunds.breaks.found import a_break
from tests.refunds.webhooks.shop import connected

from .admin_table import NO_ROLE, SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.kernel.people import Team
    from tests.harness.world import World

    from .samples import Sample

WHY = "The parcel came back complete."
EDITIONS: Final = {
    "review": "policies_api:submit",
    "preview": "policies_api:submit",
    "back": "policies_api:publish",
    "shadow": "policies_api:publish",
    "publish": "policies_api:publish",
    "recall": "policies_api:retire",
    "emergency": "policies_api:submit",
    "emergency_review": "policies_api:review",
    "change": "policies_api:submit",
}
"""Which edition a verb of a version can be spoken to, by the name under which the samples keep it."""


class Rows:
    """What the admin site shows of one team, and what it shows of none."""

    def __init__(self, world: World, sample: Sample, boss: User) -> None:
        """Hang beside the samples what they leave out; `boss` works for their team and may do everything."""
        self.sample, team = sample, sample.team
        root = settle("root")
        assign_to_teams(user=root, teams=[*teams_of(root), team])
        self.shop, _ = connected(world, team=team, channel=f"shop-{team.slug}", domain=f"{team.slug}.myshopify.com")
        self.found = a_break(-5_00, statement=sample.statement)
        Break.objects.filter(pk=self.found.pk).update(team=team)
        self.switch = ModeChange.objects.create(
            policy=sample.version.policy, category="payout", mode="enforce", why=WHY, proposed_by=sample.agent,
            proposed_at=NOON,
        )  # fmt: skip
        self.baseline: Baseline = asked(sample.version, boss)
        self.backtest = ask_backtest(
            policy_id=sample.version.policy_id, document=sample.version.document, version=sample.version,
            from_at=NOON - timedelta(days=9), until_at=NOON, actor=boss, at=NOON,
        )  # fmt: skip
        machine = User.objects.create(username=f"till-{team.slug}", is_service_account=True)
        self.account = ServiceAccount.objects.create(user=machine, purpose="Asks.", owner=boss)
        self.token, _ = ApiToken.objects.create(user=machine)
        self.delivery = Delivery.objects.create(
            source="shopify", connection=self.shop, event_id=f"evt_{team.slug}", event_type="refund", raw=b"{}",
            received_at=NOON,
        )  # fmt: skip
        with by_decree():
            self.limit = AuthorityLimit.objects.create(
                role="quality", team=team, category="refund", currency="GBP", single_minor=1, daily_minor=1
            )
        view = AttachmentView.objects.create(attachment=sample.attachment, viewer=sample.agent, at=NOON)
        refusal = RefusedAction.objects.create(actor=sample.agent, at=NOON, action="refunds:approve", status=403)
        self.ids: dict[str, Any] = {
            "evidence.attachment": sample.attachment.pk,
            "evidence.attachmentview": view.pk,
            "evidence.refusedaction": refusal.pk,
            "evidence.customermessage": sample.letters[""].pk,
            "evidence.messagetemplate": MessageTemplate.objects.filter(state="published")[0].pk,
            "approvals.approvalroute": sample.step.route_id,
            "approvals.approvalstep": sample.step.pk,
            "approvals.approvaldecision": ApprovalDecision.objects.get(route__reference=sample.approved.reference).pk,
            "approvals.freezeswitch": sample.freeze.pk,
            "approvals.delegation": sample.delegation.pk,
            "approvals.absence": sample.absence.pk,
            "approvals.limitchange": sample.limit_change.pk,
            "approvals.authoritylimit": self.limit.pk,
            "approvals.stepuplimit": StepUpLimit.objects.get_or_create(currency="JPY", above_minor=1)[0].pk,
            "approvals.teamcalendar": TeamCalendar.objects.create(team=team, closes_at=time(17), opens_at=time(9)).pk,
            "policies.policy": sample.version.policy_id,
            "policies.policyversion": sample.version.pk,
            "policies.policydecision": sample.waiting.decision_id,
            "policies.reasoncode": "damaged",
            "policies.exceptioncode": "OTHER",
            "refunds.refundrequest": sample.waiting.pk,
            "refunds.operation": Operation.objects.get(refund_request=sample.approved).pk,
            "refunds.payment": sample.order.payments.get().pk,
            "refunds.order": sample.order.pk,
            "refunds.break": self.found.pk,
            "refunds.delivery": self.delivery.pk,
            "refunds.statement": sample.statement.pk,
            "refunds.shopconnection": self.shop.pk,
            "refunds.webhookendpoint": sample.webhook.endpoint_id,
            "refunds.webhookdelivery": sample.webhook.pk,
            "refunds.helpdesk": sample.helpdesk.pk,
            "refunds.breaklimit": BreakLimit.objects.get_or_create(currency="JPY", above_minor=1)[0].pk,
            "refunds.breakpromise": BreakPromise.objects.get_or_create(kind=self.found.kind, days=3)[0].pk,
            "kernel.user": settle("nobody").pk,
            "kernel.team": team.pk,
            "kernel.apitoken": self.token.pk,
            "kernel.serviceaccount": self.account.pk,
        }
        self._set_up()

    def _set_up(self) -> None:
        """Set what is set up once, for every team."""
        kind, thresholds = next(iter(STANDARD.items()))
        self.ids |= {
            "evidence.ledgerentry": LedgerEntry.objects.latest("pk").pk,
            "refunds.columnmapping": ColumnMapping.objects.get_or_create(
                slug="bank", title="Bank", account="stripe", currency="GBP", booked_column="day", amount_column="sum"
            )[0].pk,
            "refunds.glaccount": GLAccount.objects.get_or_create(role="refund_expense", code="4100", name="Refunds")[
                0
            ].pk,
            "evidence.evidencerequirement": EvidenceRequirement.objects.get_or_create(
                point="request", artifact="photo", why=WHY, owner="Quality", is_active=False
            )[0].pk,
            "analytics.remediationrule": RemediationRule.objects.get_or_create(code_kind=kind, defaults=thresholds)[
                0
            ].pk,
            "analytics.scorecardthreshold": ScorecardThreshold.objects.get_or_create(
                measure="leakage", amber=1, red=2, why=WHY
            )[0].pk,
        }

    def words_for(self, name: str, route: str) -> dict[str, Any]:
        """Fill the places of an address."""
        verb = name.removeprefix("policies_policyversion_")
        version = self.sample.editions.get(EDITIONS.get(verb, ""), self.sample.version)
        about = version.pk if name.startswith("policies_policyversion_") else self._row(name)
        known: Mapping[str, Any] = {
            "object_id": about,
            "id": about,
            "pk": about,
            "template_id": about,
            "account_id": self.account.pk,
            "digest": self.token.pk,
            "code": about,
            "decision_id": about,
            "policy_id": self.sample.version.policy_id,
            "number": self.sample.version.number,
            "category": "payout",
            "change_id": self.switch.pk,
            "slug": "photo-of-damage" if name.startswith("evidence") else "retail-goods",
            "version_id": version.pk,
            "baseline_id": self.baseline.pk,
            "backtest_id": self.backtest.pk,
            "content_type_id": 0,
            "url": "nothing",
            "app_label": "refunds",
        }
        return {place: value for place, value in known.items() if f":{place}>" in route or f"<{place}>" in route}

    def _row(self, name: str) -> Any:
        """Name the row an address is about, by the model it begins with."""
        parts = name.replace("admin/", "").replace("/", "_").replace("auth_user", "kernel_user").split("_")
        label = ".".join(parts[:2])
        if label not in self.ids:
            return new_id()
        return self.ids[label]


def boss_of(sample: Sample) -> User:
    """Let somebody do everything for a team of the samples."""
    boss = User.objects.create(username=f"boss-{sample.team.slug}", is_superuser=True)
    assign_to_teams(user=boss, teams=[sample.team])
    return fresh(boss)


def employed(who: str, team: Team, *, is_staff: bool = True) -> User:
    """Employ somebody with one role for a team."""
    user = User.objects.create(
        username=f"{'staff' if is_staff else 'plain'} {who}", is_staff=is_staff, is_superuser=who == SUPERUSER
    )
    if who not in {NO_ROLE, SUPERUSER}:
        user.groups.add(Group.objects.get(name=who))
    assign_to_teams(user=user, teams=[team])
    return fresh(user)
