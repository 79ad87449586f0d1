"""A credit transfer initiation as banks read it: ISO 20022 pain.001.001.09, one debtor account, one currency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorAccount:
    """The account of ours that is debited."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One transfer: whom, how much, and the words on her statement."""

    end_to_end_id: str
    account_holder: str
    iban: str
    amount: Money
    text: str


def end_to_end_id_of(operation_id: UUID) -> str:
    """Name an operation so that a bank carries it through: 34 characters, the same whenever it is asked for."""
    return f"RD{operation_id.hex}"


def written(*, message_id: str, account: DebtorAccount, payments: Sequence[Payment], at: datetime) -> bytes:
    """Write the file; the same words give the same bytes.

    :raises ValueError: for no payments, or several currencies
    """
    currencies = {payment.amount.currency for payment in payments}
    if len(currencies) != 1:
        message = "A payment file has transfers in one currency."
        raise ValueError(message)
    (currency,) = currencies
    total = sum((payment.amount for payment in payments[1:]), payments[0].amount)
    document = Element("Document", xmlns=NAMESPACE)
    initiation = SubElement(document, "CstmrCdtTrfInitn")
    header = SubElement(initiation, "GrpHdr")
    _text(header, "MsgId", message_id)
    _text(header, "CreDtTm", f"{at:%Y-%m-%dT%H:%M:%S}Z")
    _sums(header, payments, total)
    _text(SubElement(header, "InitgPty"), "Nm", account.name)
    batch = SubElement(initiation, "PmtInf")
    _text(batch, "PmtInfId", message_id)
    _text(batch, "PmtMtd", "TRF")
    # Each transfer is booked by itself, or the statement could not name which of them came back.
    _text(batch, "BtchBookg", "false")
    _sums(batch, payments, total)
    if currency == "EUR":
        _text(SubElement(SubElement(batch, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _text(SubElement(batch, "ReqdExctnDt"), "Dt", f"{at:%Y-%m-%d}")
    _text(SubElement(batch, "Dbtr"), "Nm", account.name)
    debtor = SubElement(batch, "DbtrAcct")
    _text(SubElement(debtor, "Id"), "IBAN", account.iban)
    _text(debtor, "Ccy", currency)
    institution = SubElement(SubElement(batch, "DbtrAgt"), "FinInstnId")
    if account.bic:
        _text(institution, "BICFI", account.bic)
    else:
        _text(SubElement(institution, "Othr"), "Id", "NOTPROVIDED")
    _text(batch, "ChrgBr", "SLEV")
    for payment in payments:
        _transfer(batch, payment)
    body: str = tostring(document, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def _transfer(batch: Element, payment: Payment) -> None:
    transfer = SubElement(batch, "CdtTrfTxInf")
    _text(SubElement(transfer, "PmtId"), "EndToEndId", payment.end_to_end_id)
    amount = SubElement(SubElement(transfer, "Amt"), "InstdAmt", Ccy=payment.amount.currency)
    amount.text = f"{payment.amount.major:f}"
    _text(SubElement(transfer, "Cdtr"), "Nm", payment.account_holder)
    _text(SubElement(SubElement(transfer, "CdtrAcct"), "Id"), "IBAN", payment.iban)
    _text(SubElement(transfer, "RmtInf"), "Ustrd", payment.text)


def _sums(parent: Element, payments: Sequence[Payment], total: Money) -> None:
    _text(parent, "NbOfTxs", str(len(payments)))
    _text(parent, "CtrlSum", f"{total.major:f}")


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
