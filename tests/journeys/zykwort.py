"""One customer nobody could mistake, her whole life with us, and a search of everything for her."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image
from psycopg import sql
from rest_framework.test import APIClient

from approvals.models import ApprovalRoute
from approvals.queue_view import view_from
from approvals.services.desk import ask_colleague, save_view
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.services.reviews import sign_review
from approvals.vocabulary import FreezeScope, RouteState, Verdict
from config.kernel import outbox
from config.kernel.outbox import OutboxRow
from config.kernel.tokens import ApiToken
from evidence.message_review import send_back_message
from evidence.models import CustomerMessage
from refunds import workflow
from refunds.gateways.base import Accepted, ProviderRefund, RefundStatus, Rejected
from refunds.gateways.signature import signature_header
from refunds.gateways.stripe import StripeGateway
from refunds.intake import AskedLine, Draft
from refunds.models import Operation, Order, RefundRequest
from refunds.processing.performing import perform_operation
from refunds.reconciliation.importing import run_import, upload_statement
from tests.api.conftest import days_ago, order_body
from tests.evidence.builders import attach_one
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.refunds.books import csv_file
from tests.refunds.gateways.stage import SECRET
from tests.refunds.reconciliation.reports import COLUMNS, report, row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from evidence.models import Attachment
    from refunds.gateways.base import Outcome, RefundInstruction
    from tests.harness.world import World

NAME, EMAIL, STREET = "Persephone Zykwort", "P.Zykwort@mail.example", "17 Quagmire Lane"
TEXT = f"{NAME} ({EMAIL}) of {STREET} wrote about her divorce from Bartholomew."
WORDS = ("persephone", "zykwort", "quagmire", "divorce", "bartholomew")
CAMERA = "Zykwortflex 9"

_ROWS = """
    SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


class Talkative(StripeGateway):
    """A processor that pays, refuses what it is told to, and puts names into everything."""

    def __init__(self) -> None:
        """Know the secret of its messages."""
        super().__init__("sk_test_none", [SECRET])
        self.refuses = False

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Pay, or refuse with too many words."""
        if self.refuses:
            return Rejected("invalid_request", TEXT)
        return Accepted(f"re_{instruction.operation_id[-12:]}", RefundStatus.SUCCEEDED)

    def get(self, external_id: str) -> ProviderRefund | None:
        """Show a refund it made."""
        operation = Operation.objects.filter(external_id=external_id).first()
        if operation is None:
            return None
        return ProviderRefund(
            external_id=external_id,
            status=RefundStatus.SUCCEEDED,
            amount_minor=operation.amount_minor,
            currency=operation.currency,
            payment_external_id=payment_behind(operation).external_id,
            failure_reason="",
            metadata={},
            created_at=timezone.now(),
        )


def photo() -> bytes:
    """Take a photo with a camera that tells on its owner."""
    exif = Image.Exif()
    exif[0x0110], exif[0x0131], exif[0x013B] = CAMERA, "Zykwortshop", NAME
    written = io.BytesIO()
    noise = Image.effect_noise((160, 120), 90).convert("RGB")
    noise.save(written, "JPEG", exif=exif)
    return written.getvalue()


class Life:
    """Everything that can happen to one customer: paid, declined, granted an exception and declined, failed."""

    def __init__(self, world: World, gateway: Talkative) -> None:
        """Live it, her words wherever words go."""
        self.world, self.gateway, self.now = world, gateway, timezone.now()
        self.photo = photo()
        self.order = self.bought("W-1")
        self.paid = self._paid()
        self.declined = self._declined()
        self.granted = self._granted()
        self.failed = self._failed()
        self._mentioned()
        self.statement = self._on_a_statement()

    @property
    def requests(self) -> tuple[RefundRequest, ...]:
        """Her requests."""
        return self.paid, self.declined, self.granted, self.failed

    def bought(self, number: str, *, key: str = "first", days: int = 10) -> Order:
        """Let the shop tell of an order of hers, and let the API keep what it answered."""
        _, token = ApiToken.objects.create(user=settle("bot"))
        body = order_body(number, placed_at=days_ago(days), delivered_at=days_ago(days - 2))
        body["customer"] |= {"name": NAME, "email": EMAIL, "country": "Zykwortland"}
        body["lines"][0] |= {"title": f"Lamp for {NAME}", "unit_price_minor": 10_000}
        body["payments"][0] |= {"captured_minor": 40_300}
        caller = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = caller.post("/api/v1/orders", body, format="json", HTTP_IDEMPOTENCY_KEY=f"{key}-{number}")
        assert answer.status_code in {200, 201}, answer.content
        return Order.objects.get(external_id=number)

    def told(self, event_id: str, *, object_id: str = "re_unknown") -> int:
        """Let the processor tell of one of her payments, with her name in the body."""
        payment = self.order.payments.get()
        body = json.dumps(
            {
                "id": event_id,
                "object": "event",
                "type": "refund.updated",
                "created": int(time.time()),
                "livemode": False,
                "data": {
                    "object": {
                        "id": object_id,
                        "object": "refund",
                        "payment_intent": payment.external_id,
                        "billing_details": {"name": NAME, "email": EMAIL, "address": {"line1": STREET}},
                    }
                },
            }
        ).encode()
        header = signature_header(body, SECRET, int(time.time()))
        answer = Client().post(
            "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": header}
        )
        outbox.drain()
        return answer.status_code

    def _filed(self, number: str, *, days: int = 10) -> RefundRequest:
        if number != self.order.external_id:
            self.bought(number, days=days)
        line = AskedLine(line="1", quantity=1, condition="unopened")
        draft = Draft(channel="shop-uk", order=number, reason="changed_mind", lines=[line], note=TEXT)
        agent = settle("amir")
        filed = workflow.file_request(draft=draft, actor=agent, at=self.now)
        attach_one(filed.subject, filed.team, agent, self.photo, name=f"{NAME}.jpg")
        return filed

    def _paid(self) -> RefundRequest:
        filed, dana, viktor = self._filed("W-1"), settle("dana"), settle("viktor")
        route = ApprovalRoute.objects.get(subject_id=filed.pk, state=RouteState.OPEN)
        ask_colleague(route=route, colleague=viktor, note=TEXT, actor=dana, at=self.now)
        workflow.ask(reference=filed.reference, question=TEXT, actor=dana, at=self.now)
        workflow.submit(reference=filed.reference, actor=settle("amir"), at=self.now, answer=TEXT)
        said: dict[str, Any] = {"reference": filed.reference, "rationale": TEXT, "actor": viktor, "at": self.now}
        workflow.decide(verdict=Verdict.APPROVE, **said)
        operation = Operation.objects.get(refund_request=filed)
        perform_operation(operation_id=operation.pk, at=self.now + timedelta(hours=1))
        outbox.drain()
        operation = Operation.objects.get(refund_request=filed)
        assert self.told("evt_paid", object_id=str(operation.external_id)) == 200
        assert self.told("evt_other") == 200
        return as_stored(filed)

    def _declined(self) -> RefundRequest:
        filed = self._filed("W-2")
        said: dict[str, Any] = {"rationale": TEXT, "actor": settle("dana"), "at": self.now}
        workflow.decide(reference=filed.reference, verdict=Verdict.DECLINE, **said)
        outbox.drain()
        return as_stored(filed)

    def _granted(self) -> RefundRequest:
        filed, mei = self._filed("W-4", days=70), settle("mei")
        said: dict[str, Any] = {"reference": filed.reference, "rationale": TEXT, "at": self.now}
        workflow.grant_exception(code="WINDOW_EXPIRED", actor=mei, **said)
        workflow.decide(verdict=Verdict.DECLINE, actor=settle("dana"), **said)
        letter = CustomerMessage.objects.filter(subject_id=filed.pk).latest("written_at")
        send_back_message(message_id=letter.pk, note=TEXT, actor=settle("viktor"), at=self.now)
        outbox.drain()
        return as_stored(filed)

    def _failed(self) -> RefundRequest:
        filed = self._filed("W-3")
        said: dict[str, Any] = {"reference": filed.reference, "rationale": TEXT, "at": self.now}
        workflow.decide(verdict=Verdict.APPROVE, actor=settle("dana"), **said)
        self.gateway.refuses = True
        operation = Operation.objects.get(refund_request=filed)
        perform_operation(operation_id=operation.pk, at=self.now + timedelta(hours=1))
        self.gateway.refuses = False
        workflow.decide(verdict=Verdict.DECLINE, actor=settle("lena"), **said)
        outbox.drain()
        return as_stored(filed)

    def _mentioned(self) -> None:
        lena = settle("lena")
        freeze = set_freeze(
            target=Target(scope=FreezeScope.TEAM, team=self.order.team), why=f"About {NAME}.", actor=lena, at=self.now
        )
        lift_freeze(switch_id=freeze.pk, why=f"{NAME.upper()} is well.", actor=lena, at=self.now)
        sign_review(moment=self.now, note=f"{NAME} is no colleague.", actor=settle("ada"), at=self.now)
        save_view(name=f"Only {NAME}", wanted=view_from({"q": NAME}), actor=settle("dana"))
        OutboxRow.objects.create(news="n", task="t", ids={}, last_error=f"550 {EMAIL} refused", due_at=FAR)

    def _on_a_statement(self) -> Any:
        operation = Operation.objects.get(refund_request=self.paid)
        refund, payment = str(operation.external_id), self.order.payments.get().external_id
        line = row("txn_1", "-100.00", operation=str(operation.pk), description=TEXT)
        line |= {"source_id": refund, "payment_intent_id": payment, "automatic_payout_id": ""}
        statement, job = upload_statement(
            account="stripe",
            file=csv_file(report([line], COLUMNS), f"{NAME}.csv"),
            actor=settle("lena"),
            at=self.now,
            payout_total="",
        )
        assert job is not None
        run_import(job_id=job.pk, at=self.now)
        return statement


FAR = timezone.now() + timedelta(days=36500)


def as_stored(request: RefundRequest) -> RefundRequest:
    """Read a request anew."""
    return RefundRequest.objects.get(pk=request.pk)


def signs_of(life: Life, attachments: Iterable[Attachment]) -> set[str]:
    """List everything that would tell of her: words in every spelling, and what finds her photo."""
    words = {spelled for word in (*WORDS, "Persephone", "Zykwort", "ZYKWORT") for spelled in _spellings(word)}
    hashes = {hashlib.sha256(life.photo).hexdigest(), hashlib.sha1(life.photo).hexdigest()}  # noqa: S324 - a search
    looks = {
        str(number)
        for attachment in attachments
        for print_ in attachment.fingerprints.all()
        for number in (print_.phash, print_.dhash)
        if len(str(number)) > 9
    }
    return words | hashes | looks


def _spellings(word: str) -> set[str]:
    """Spell a word plainly, as bytes of a column are shown, and in the three ways base64 may write it."""
    found = {word, word.encode().hex()}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + word.encode()).decode().rstrip("=")
        # The first letters mix with what stands before, the last one with what follows.
        found.add(coded[(shift * 8 + 5) // 6 : -1])
    return found


def places_of(signs: set[str]) -> set[str]:
    """Name every table of the database that holds one of these, in whatever column of whatever type."""
    found = set()
    like = [f"%{sign}%" for sign in signs]
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        for schema, table in cursor.fetchall():
            # Partitions and tables alike, the whole row at once: bytes are shown as hex, JSON and lists as text.
            query = sql.SQL("SELECT r::text FROM {}.{} r WHERE r::text ILIKE ANY (%s) LIMIT 1")
            cursor.execute(query.format(sql.Identifier(schema), sql.Identifier(table)), [like])
            if cursor.fetchone() is not None:
                found.add(table)
    return found


def files_with(signs: set[str], folder: Path) -> list[str]:
    """Name every stored file that holds one of these, in its name or in its bytes."""
    sought = [sign.lower().encode() for sign in signs]
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file()
        and any(sign in bytes(path.relative_to(folder)).lower() + path.read_bytes().lower() for sign in sought)
    ]


def moment(years: int) -> datetime:
    """Name a moment so many years from now."""
    return timezone.now() + timedelta(days=round(years * 365.25))
