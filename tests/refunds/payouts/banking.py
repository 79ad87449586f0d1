"""A bank as its files show it: what it was told to pay, and the statement it sends back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

from refunds.payouts.credit_transfer import end_to_end_id_of
from refunds.reconciliation.importing import run_import, upload_statement
from tests.harness.people import settle

from .stage import LATER

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import Operation

OURS = "GB33BUKB20201555555555"


@dataclass(frozen=True)
class Entry:
    """One entry of a statement: a debit of ours, or the same money coming back."""

    end_to_end_id: str
    minor: int
    is_credit: bool = False
    status: str = "<Cd>BOOK</Cd>"

    def xml(self, number: int) -> str:
        """Write it as a bank does."""
        side = "CRDT" if self.is_credit else "DBIT"
        why = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if self.is_credit else ""
        return (
            f"<Ntry><Amt Ccy='GBP'>{self.minor / 100:.2f}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{self.status}</Sts>"
            f"<BookgDt><Dt>2026-12-09</Dt></BookgDt><AcctSvcrRef>ASR{number}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
            f"<EndToEndId>{self.end_to_end_id}</EndToEndId></Refs>{why}</TxDtls></NtryDtls></Ntry>"
        )


def debit(operation: Operation, *, minor: int | None = None) -> Entry:
    """Book a transfer of ours."""
    return Entry(end_to_end_id_of(operation.pk), operation.amount_minor if minor is None else minor)


def returned(operation: Operation) -> Entry:
    """Send it back."""
    return Entry(end_to_end_id_of(operation.pk), operation.amount_minor, is_credit=True)


def statement(*entries: Entry, off_by: int = 0, first: int = 1, version: str = "08", iban: str = OURS) -> bytes:
    """Write a camt.053 that begins with 10,000.00 and adds up, unless it is off by something."""
    moved = sum(entry.minor if entry.is_credit else -entry.minor for entry in entries if "BOOK" in entry.status)
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='GBP'>{minor / 100:.2f}</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        for kind, minor in (("OPBD", 1_000_000), ("CLBD", 1_000_000 + moved + off_by))
    )
    booked = "".join(entry.xml(number) for number, entry in enumerate(entries, start=first))
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}'><BkToCstmrStmt><Stmt>"
        f"<Id>S{first}</Id><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{balances}{booked}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def imported(content: bytes, *, at: datetime = LATER) -> None:
    """Let Luis upload a statement, and the job import it."""
    file = SimpleUploadedFile("statement.xml", content)
    _, job = upload_statement(account="bank", file=file, actor=settle("luis"), at=at)
    assert job is not None
    run_import(job_id=job.pk, at=at)
