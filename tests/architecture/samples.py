"""One object of every kind, so that every address can be asked for: ours, and one of a team nobody here works for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from analytics.models import Scorecard
from approvals.models import Absence, ApprovalStep, AuthorityLimit, Delegation, FreezeSwitch, LimitChange, RoleGrant
from approvals.vocabulary import Category, Verdict
from config.kernel.ids import new_id
from config.kernel.jobs import queue_job
from config.kernel.money import Money
from config.kernel.people import Team, User, assign_to_teams, give_roles
from evidence.attachments import attach
from evidence.messages import write_message
from evidence.models import CustomerMessage
from evidence.vocabulary import MessageState
from policies import drafting, editions, emergencies, publishing
from policies.actions.asking import Wish, ask
from policies.actions.facts import plain_facts
from policies.actions.observing import Sighting, observe
from policies.models import GovernedAction, PolicyVersion
from refunds import drafting as requests
from refunds import workflow
from refunds.bundles.asking import ask_for_request
from refunds.models import (
    Announcement,
    Helpdesk,
    Operation,
    Order,
    Proposal,
    ProposalCall,
    RefundRequest,
    Statement,
    StatementLine,
    WebhookDelivery,
    WebhookEndpoint,
)
from refunds.outgoing.vocabulary import TEST
from refunds.vocabulary import OperationState, State
from tests.admin.desk import EXPLAINED
from tests.evidence.builders import drawing, upload
from tests.harness.people import by_decree, fresh, settle
from tests.harness.world import NOON, World

from .insight_samples import LOOKED_AT, WAITS, items, quality_sample, signal_of

if TYPE_CHECKING:
    from collections.abc import Mapping

WHY = "The parcel came back complete."


class Sample:
    """Requests in the states that each verb needs, and everything that hangs on them."""

    def __init__(self, world: World, team: Team, agent: User) -> None:
        """File them as this agent of this team."""
        self.team, self.agent = team, agent
        self.order = self._order(world)
        self.waiting = world.filed(self._order(world, unit_minor=100_00), by=agent)
        self.draft = requests.save_draft(draft=world.draft_of(self._order(world)), reference="", actor=agent, at=NOON)
        self.exception = world.filed(self._order(world, unit_minor=10_00, days_ago=60), by=agent)
        self.held = world.filed(self._order(world, unit_minor=100_00), by=agent)
        workflow.hold(reference=self.held.reference, note="", actor=_employee(team, "finance"), at=NOON)
        self.approved = self._approved(world)
        self.failed = self._failed(world)
        self.attachment = attach(
            subject=self.waiting.subject,
            team=team,
            kind="photo",
            file=upload(drawing()),
            actor=agent,
            at=NOON,
        )
        self.letters = {
            name: _letter(self.waiting, agent, state)
            for name, state in (
                ("evidence:hand_in_message", MessageState.DRAFTED),
                ("evidence:retry_message", MessageState.FAILED),
                ("", MessageState.IN_REVIEW),
            )
        }
        self.step = ApprovalStep.objects.get(route__reference=self.waiting.reference)
        self.version = PolicyVersion.objects.get(policy__team=team, state="published")
        self.editions = editions_of(self.version)
        self.statement = Statement.objects.create(
            account="stripe",
            format="payout",
            filename=f"{team.slug}.csv",
            sha256=f"{team.pk:064d}",
            content=b"",
            uploaded_by=agent,
            uploaded_at=NOON,
        )
        self.line = StatementLine.objects.create(
            statement=self.statement, account="stripe", external_id=f"txn_{team.slug}", number=1, category="refund",
            booked_at=NOON, gross_minor=-1, fee_minor=0, net_minor=-1, currency=team.currency,
        )  # fmt: skip
        # Lifted, because one that is on would stop the others.
        self.delegation, self.absence = _lent_and_away()
        self.freeze = FreezeSwitch.objects.create(
            scope="team", team=team, why=WHY, set_by=agent, set_at=NOON, lifted_by=agent, lifted_at=NOON
        )
        self.limit_change = LimitChange.objects.create(
            role="quality",
            team=team,
            category="refund",
            currency=team.currency,
            single_minor=1,
            daily_minor=1,
            why=WHY,
            proposed_by=agent,
            proposed_at=NOON,
        )
        self.grant = RoleGrant.objects.create(
            person=settle("nobody"), role=f"of {team.slug}", proposed_by=agent, proposed_at=NOON
        )
        call = ProposalCall.objects.create(
            refund_request=self.waiting, inputs_sha256="0" * 64, model_name="tiny", asked_at=NOON
        )
        self.proposal = Proposal.objects.create(call=call, kind="summary", text="It broke.", confidence=50)
        self.scorecard = Scorecard.objects.create(
            team=team, month=NOON.date().replace(day=1), lines=[], colour="green", sha256="0" * 64, published_at=NOON
        )
        self.items, self.quality = items(), quality_sample(team, _employee(team, "quality"))
        self.standing_id = signal_of(team)
        self.bundle = ask_for_request(refund_request=self.waiting, has_files=False, actor=agent, at=NOON)
        # Disabled, because one that hears would be told of every verb.
        endpoint = WebhookEndpoint.objects.create(
            url=f"https://{team.slug}.example.com/", team=team, created_by=agent, created_at=NOON,
            disabled_at=NOON, disabled_because="It only stands here.",
        )  # fmt: skip
        announcement = Announcement.objects.create(event=TEST, team=team, at=NOON, body="{}")
        self.webhook = WebhookDelivery.objects.create(
            endpoint=endpoint, announcement=announcement, created_at=NOON, next_try_at=NOON
        )
        self.action, self.ungoverned = _actions(team)
        self.helpdesk = Helpdesk.objects.create(slug=f"desk-{team.slug}", title="Desk", team=team, created_at=NOON)
        self.job = queue_job(kind="nothing", subject_id=new_id(), actor=settle("lena"), at=NOON)

    def _order(self, world: World, **more: Any) -> Order:
        order = world.order(**more)
        Order.objects.filter(pk=order.pk).update(team=self.team)
        order.refresh_from_db()
        return order

    def _approved(self, world: World) -> RefundRequest:
        """Have one approved whose money still waits for a recall."""
        approver = _employee(self.team, "approver")
        with by_decree():
            AuthorityLimit.objects.get_or_create(
                user=approver, category="refund", currency="GBP", single_minor=500_00, daily_minor=500_00
            )
        filed = world.filed(self._order(world, unit_minor=100_00), by=self.agent)
        with override_settings(RECALL_SECONDS=300):
            return workflow.decide(
                reference=filed.reference, verdict=Verdict.APPROVE, rationale="", actor=fresh(approver), at=NOON
            )

    def _failed(self, world: World) -> RefundRequest:
        """Have one approved whose money did not arrive."""
        approved = self._approved(world)
        Operation.objects.filter(refund_request=approved).update(state=OperationState.FAILED)
        RefundRequest.objects.filter(pk=approved.pk).update(state=State.FAILED)
        return RefundRequest.objects.get(pk=approved.pk)

    def request_for(self, name: str) -> RefundRequest:
        """Choose the request on which this verb can be spoken."""
        verb = name.rpartition(":")[2]
        return {
            "submit": self.draft,
            "grant_exception": self.exception,
            "name_policy_gap": self.exception,
            "recall": self.approved,
            "retry": self.failed,
            "propose_payout": self.failed,
            "release": self.held,
        }.get(verb, self.waiting)

    def reference_for(self, name: str) -> str:
        """Choose what this address is about: a governed action, one nobody asked about, or a request."""
        if name == "policies:explain_action":
            return self.ungoverned.reference
        is_action = "action" in name.partition(":")[2]
        return self.action.reference if is_action else self.request_for(name).reference

    def words_for(self, name: str, route: str) -> dict[str, Any]:
        """Fill the places of an address."""
        known: Mapping[str, Any] = {
            "reference": self.reference_for(name),
            "channel": self.order.channel,
            "external_id": self.order.external_id,
            "gateway": "stripe",
            "statement_id": self.statement.pk,
            "line_id": self.line.pk,
            "attachment_id": self.attachment.pk,
            "message_id": self.letters.get(name, self.letters[""]).pk,
            "delivery_id": self.webhook.pk,
            "step_id": self.step.pk,
            "bundle_id": self.bundle.pk,
            "proposal_id": self.proposal.pk,
            "action_id": self.action.pk,
            "job_id": self.job.pk,
            "change_id": self.limit_change.pk,
            "grant_id": self.grant.pk,
            "route_id": self.step.route_id,
            "view_id": new_id(),
            "erasure_id": new_id(),
            "hold_id": new_id(),
            "file_id": new_id(),
            "entry_id": 0,
            "export_id": new_id(),
            "period_id": new_id(),
            "payout_ref": "po_nobody",
            "break_id": new_id(),
            "item_id": self.items.get(name.rpartition(":")[2], self.items[""]),
            "sample_id": self.quality.pk,
            "standing_id": self.standing_id,
            "scorecard_id": self.scorecard.pk,
            "place": LOOKED_AT if name == "analytics:note_finding" else WAITS,
            "switch_id": self.freeze.pk,
            "row_id": new_id(),
            "delegation_id": self.delegation.pk,
            "absence_id": self.absence.pk,
            "version_id": self.version.pk,
            "slug": self.version.policy.slug,
            "number": self.editions.get(name, self.version).number,
            "kind": "reason",
            "pattern": "photos",
            "code": "damaged",
            "measure": "refunded",
            "by": "customer",
            "token": "made-up",
            "username": "amir",
            "public_id": new_id(),
            "pk": 0,
            "uidb64": "x",
            "provider_id": "company",
            "helpdesk": self.helpdesk.slug,
            "ticket_id": "35436",
        }
        return {place: value for place, value in known.items() if f":{place}>" in route}


def _letter(about: RefundRequest, decider: User, state: MessageState) -> CustomerMessage:
    """Write to a customer about a decline, as far as this state."""
    with transaction.atomic():
        letter = write_message(
            subject=about.subject, team=about.team, template="refund_declined", to="carla@example.com",
            customer="Carla", language="en", merge={"order": "1"}, reference=about.reference, at=NOON,
            decider_ids=[decider.pk],
        )  # fmt: skip
    read = {"reviewed_by": settle("milo"), "reviewed_at": NOON} if state == MessageState.FAILED else {}
    CustomerMessage.objects.filter(pk=letter.pk).update(state=state, **read)
    return letter


def _actions(team: Team) -> tuple[GovernedAction, GovernedAction]:
    """Have one refund elsewhere that waits for a signature, and one that left without anybody having asked."""
    amount = Money(100_00, team.currency)
    wish = Wish(team=team, category=Category.REFUND, amount=amount, reason="damaged", gateway="stripe", about="pi_else")
    facts = plain_facts(team=team, category=wish.category, amount=amount, reason=wish.reason, at=NOON)
    with transaction.atomic():
        waiting = ask(wish=wish, facts=facts, actor=_employee(team, "finance"), at=NOON)
    seen = Sighting(
        team=team, category=Category.REFUND, gateway="stripe", external_id=f"re_{team.pk}", amount=amount, left_at=NOON
    )
    return waiting, observe(sighting=seen, at=NOON)


def _lent_and_away() -> tuple[Delegation, Absence]:
    """Let Viktor offer Dana to sign for him, and Dana be away."""
    dana, start = settle("dana"), timezone.now()
    times = {"from_at": start, "until_at": start + timedelta(days=1)}
    offer = Delegation.objects.create(lent_by=settle("viktor"), lent_to=dana, offered_at=start, **times)
    return offer, Absence.objects.create(user=dana, entered_by=dana, entered_at=start, **times)


def editions_of(version: PolicyVersion) -> dict[str, PolicyVersion]:
    """Give each verb of a version one it can be spoken to; Root wrote them all."""
    root, signer = settle("root"), _employee(version.policy.team, "reviewer")

    def draft() -> PolicyVersion:
        return publishing.draft_version(
            policy=version.policy, document=version.document, actor=root, at=NOON, **EXPLAINED
        )

    waiting, scheduled = draft(), draft()
    for one in (waiting, scheduled):
        publishing.send_to_review(version_id=one.pk, actor=root, at=NOON)
    publishing.publish_version(version_id=scheduled.pk, actor=signer, at=NOON, publish_at=NOON + timedelta(days=1))
    urgent = draft()
    drafting.change_draft(
        version_id=urgent.pk,
        document=urgent.document,
        explanation=drafting.Explanation(**EXPLAINED, change_category="emergency", second_person=signer),
        seen=editions.edition_of(urgent),
        actor=root,
        at=NOON,
    )
    emergencies.publish_emergency(version_id=urgent.pk, actor=signer, at=NOON)
    return {
        "policies_api:submit": draft(),
        "policies_api:start_shadow": waiting,
        "policies_api:publish": waiting,
        "policies_api:retire": scheduled,
        "policies_api:review": urgent,
    }


def policy_for(team: Team) -> None:
    """Put the same policy in force for another team."""
    version = publishing.install_template(
        slug="retail-goods", team=team, actor=settle("root"), at=NOON, enforced_categories=["refund"]
    )
    publishing.send_to_review(version_id=version.pk, actor=settle("root"), at=NOON)
    publishing.publish_version(version_id=version.pk, actor=settle("mei"), at=NOON)


def far_away() -> tuple[Team, User]:
    """Make a team that nobody of the stories works for, and its only agent."""
    team = Team.objects.create(slug="far-away", name="Far away", currency="GBP")
    policy_for(team)
    agent = User.objects.create(username="farah")
    give_roles(user=agent, roles=["agent"])
    assign_to_teams(user=agent, teams=[team])
    return team, fresh(agent)


def _employee(team: Team, role: str) -> User:
    employee, is_new = User.objects.get_or_create(username=f"{role}-{team.slug}")
    if is_new:
        give_roles(user=employee, roles=[role])
        assign_to_teams(user=employee, teams=[team])
    return fresh(employee)
