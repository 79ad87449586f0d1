"""Connect shops, change them, change their secrets, switch them off and on; nothing of it without a ledger entry."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from config.kernel.people import team_ids_of
from config.kernel.refusals import OutOfDate, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import ShopConnection
from refunds.outgoing.addresses import ForbiddenAddress, target_of
from refunds.outgoing.entitlement import check_may
from refunds.outgoing.signing import sealed
from refunds.permissions import shops_visible_to
from refunds.vocabulary import ShopKind

from .keeping import token_hash
from .magento import public_key_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User

LONGEST_OVERLAP_HOURS = 7 * 24
LONGEST_SECRET = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a connection shall be. An empty access token or secret leaves what is kept."""

    kind: str
    team: Team
    channel: str
    domain: str
    api_base: str
    access_token: str = ""
    secret: str = ""
    public_key: str = ""
    takes_orders: bool = False
    writes_back: bool = False


def faults_of(wish: Wish, *, actor: User, is_new: bool) -> Iterator[Reason]:
    """Find what can never be a connection of this person's."""
    try:
        target_of(wish.api_base)
    except ForbiddenAddress as no:
        yield Reason("forbidden_address", no.args[0], "api_base")
    if "?" in wish.api_base:
        yield Reason("refused", said("Leave out the question mark and what follows it."), "api_base")
    if wish.domain != wish.domain.lower() or "/" in wish.domain:
        yield Reason("refused", said("Write the shop's name in small letters, without https://."), "domain")
    if wish.team.pk not in team_ids_of(actor):
        yield Reason("refused", said("You do not work for this team."), "team")
    yield from _faults_of_secrets(wish, is_new=is_new)


def _faults_of_secrets(wish: Wish, *, is_new: bool) -> Iterator[Reason]:
    if is_new and not wish.access_token:
        yield Reason("refused", said("Without an access token the shop cannot be asked."), "access_token")
    if is_new and wish.kind == ShopKind.SHOPIFY and not wish.secret:
        yield Reason("refused", said("Shopify signs with the app's client secret; it is needed."), "secret")
    for field, secret in (("access_token", wish.access_token), ("secret", wish.secret)):
        if secret and not _is_plain(secret):
            yield Reason(
                "refused",
                said("This has at most {most} plain characters.", most=LONGEST_SECRET),
                field,
            )
    if wish.public_key:
        try:
            public_key_of(wish.public_key)
        except ValueError:
            yield Reason("refused", said("This is no public RSA key in PEM form."), "public_key")


def _is_plain(secret: str) -> bool:
    return 0 < len(secret) <= LONGEST_SECRET and secret.isascii() and secret.isprintable()


@transaction.atomic
def connect_shop(*, wish: Wish, actor: User, at: datetime) -> tuple[ShopConnection, str]:
    """Let a shop tell us of its refunds. Answers the connection and the token of its address, which nobody sees again.

    :raises NotPermitted: without the right
    :raises Refused: naming every faulty field
    """
    check_may(actor, "refunds.add_shopconnection")
    connection = ShopConnection(created_by=actor, created_at=at, kind=wish.kind, polled_until=at)
    _write(connection, wish, actor=actor, is_new=True, at=at)
    token = _give_token(connection)
    _save(connection)
    _record(connection, "connected", actor=actor, at=at, sentence=f"connected the shop {connection.domain}.")
    return connection, token


@transaction.atomic
def change_connection(*, connection_id: UUID, wish: Wish, actor: User, at: datetime) -> ShopConnection:
    """Change where a shop is and with what it is asked; its kind stays, and its secret is changed by a rotation.

    :raises NotPermitted: without the right
    :raises Refused: naming every faulty field
    """
    connection = _locked_for(connection_id, actor)
    if wish.kind != connection.kind:
        raise Refused("refused", said("A connection keeps its kind; make another one."), "kind")
    if wish.secret:
        raise Refused(
            "refused", said("Change the secret by its own button, so that the old one goes on for a while."), "secret"
        )
    names = ("team_id", "channel", "domain", "api_base", "public_key", "access_sealed", "takes_orders", "writes_back")
    before = [getattr(connection, name) for name in names]
    _write(connection, wish, actor=actor, is_new=False, at=at)
    changed = [name for name, was in zip(names, before, strict=True) if getattr(connection, name) != was]
    if changed:
        # Whatever made it fail may be mended now.
        connection.next_read_at = None
        _save(connection)
        words = ", ".join(name.removesuffix("_id").replace("access_sealed", "access token") for name in changed)
        sentence = f"changed the connection to the shop {connection.domain}: {words.replace('_', ' ')}."
        _record(connection, "changed", actor=actor, at=at, sentence=sentence)
    return connection


@transaction.atomic
def rotate_secret(*, connection_id: UUID, secret: str, overlap_hours: int, actor: User, at: datetime) -> None:
    """Believe a new secret, and the old one beside it for some hours: a shop takes a while to change over.

    :raises Refused: for an empty secret, or an overlap that is too long
    """
    connection = _locked_for(connection_id, actor)
    if not _is_plain(secret):
        raise Refused(
            "refused",
            said("A secret has one to {most} plain characters.", most=LONGEST_SECRET),
            "secret",
        )
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        raise Refused(
            "refused",
            said("An overlap is 0 to {most} hours.", most=LONGEST_OVERLAP_HOURS),
            "overlap_hours",
        )
    connection.old_secret_sealed = connection.secret_sealed
    connection.old_secret_ends_at = at + timedelta(hours=overlap_hours)
    connection.secret_sealed = sealed(secret)
    _save(connection)
    sentence = f"changed the secret of the shop {connection.domain}; the old one goes on for {overlap_hours} hours."
    _record(connection, "secret_rotated", actor=actor, at=at, sentence=sentence)


@transaction.atomic
def renew_address(*, connection_id: UUID, actor: User, at: datetime) -> str:
    """Give a shop another address, because the old one is known to somebody; answers its token, shown once."""
    connection = _locked_for(connection_id, actor)
    token = _give_token(connection)
    _save(connection)
    sentence = f"gave the shop {connection.domain} another webhook address."
    _record(connection, "address_renewed", actor=actor, at=at, sentence=sentence)
    return token


@transaction.atomic
def switch(*, connection_id: UUID, is_on: bool, actor: User, at: datetime) -> ShopConnection:
    """Listen to a shop and ask it, or do neither; what it told before waits.

    :raises OutOfDate: when it is so already
    """
    connection = _locked_for(connection_id, actor)
    if connection.is_active == is_on:
        raise OutOfDate("out_of_date", said("It is on already.") if is_on else said("It is off already."))
    connection.is_active = is_on
    connection.next_read_at = None
    _save(connection)
    word = "on" if is_on else "off"
    _record(
        connection, f"switched_{word}", actor=actor, at=at, sentence=f"switched the shop {connection.domain} {word}."
    )
    return connection


def _locked_for(connection_id: UUID, actor: User) -> ShopConnection:
    check_may(actor, "refunds.change_shopconnection")
    connection = shops_visible_to(actor).select_for_update(of=("self",)).filter(pk=connection_id).first()
    if connection is None:
        raise OutOfDate("out_of_date", said("There is no such shop."))
    return connection


def _write(connection: ShopConnection, wish: Wish, *, actor: User, is_new: bool, at: datetime) -> None:
    faults = list(faults_of(wish, actor=actor, is_new=is_new))
    if faults:
        raise Refused.of(faults)
    connection.team, connection.channel = wish.team, wish.channel
    connection.domain, connection.api_base = wish.domain, wish.api_base.rstrip("/")
    connection.public_key = wish.public_key.strip()
    if wish.takes_orders and not connection.takes_orders:
        connection.orders_read_until = at
    connection.takes_orders, connection.writes_back = wish.takes_orders, wish.writes_back
    if wish.access_token:
        connection.access_sealed = sealed(wish.access_token)
    if wish.secret:
        connection.secret_sealed = sealed(wish.secret)


def _give_token(connection: ShopConnection) -> str:
    token = secrets.token_urlsafe(32)
    connection.token_sha256, connection.token_end = token_hash(token), token[-4:]
    return token


def _save(connection: ShopConnection) -> None:
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError:
        raise Refused("refused", said("Another shop has this channel already."), "channel") from None


def _record(connection: ShopConnection, word: str, *, actor: User, at: datetime, sentence: str) -> None:
    """Write `shop_connection.<word>` into its ledger; no secret and no part of one."""
    ledger.record(
        subject=connection.subject,
        kind=f"shop_connection.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"domain": connection.domain, "channel": connection.channel, "kind": str(connection.kind)},
    )
