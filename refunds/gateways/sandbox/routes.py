"""Which address is answered by whom, and who may ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from refunds.gateways.sandbox import admin, api, automatic, controls, lists, outgoing
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.problems import Problem
from refunds.gateways.sandbox.wire import Mishap, Reply, Request, refused

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk

Endpoint = Callable[["Desk", Request], Reply]

_NAMED = "([A-Za-z0-9_.:-]+)"
ROUTES: tuple[tuple[str, re.Pattern[str], Endpoint], ...] = tuple(
    (method, re.compile(path), endpoint)
    for method, path, endpoint in (
        ("POST", "/v1/refunds", api.create_refund),
        ("GET", "/v1/refunds", lists.list_refunds),
        ("GET", f"/v1/refunds/{_NAMED}", api.get_refund),
        ("POST", f"/v1/refunds/{_NAMED}/cancel", api.cancel_refund),
        ("POST", "/v1/payment_intents", api.create_payment_intent),
        ("GET", f"/v1/payment_intents/{_NAMED}", api.get_payment_intent),
        ("GET", f"/v1/charges/{_NAMED}", api.get_charge),
        ("GET", f"/v1/disputes/{_NAMED}", api.get_dispute),
        ("GET", "/v1/disputes", lists.list_disputes),
        ("POST", f"/v1/disputes/{_NAMED}/close", outgoing.accept_dispute),
        ("POST", f"/v1/customers/{_NAMED}/balance_transactions", outgoing.credit_customer),
        ("GET", f"/v1/customers/{_NAMED}/balance_transactions", outgoing.list_credits),
        ("POST", "/v1/payouts", outgoing.create_payout),
        ("GET", "/v1/payouts", outgoing.list_payouts),
        ("GET", f"/v1/payouts/{_NAMED}", outgoing.get_payout),
        ("POST", "/v1/transfers", outgoing.create_transfer),
        ("GET", "/v1/transfers", outgoing.list_transfers),
        ("GET", f"/v1/transfers/{_NAMED}", outgoing.get_transfer),
        ("POST", f"/v1/transfers/{_NAMED}/reversals", outgoing.reverse_transfer),
        ("GET", f"/v1/transfers/{_NAMED}/reversals", outgoing.list_reversals),
        ("GET", f"/v1/application_fees/{_NAMED}", outgoing.get_fee),
        ("POST", f"/v1/application_fees/{_NAMED}/refunds", outgoing.refund_fee),
        ("GET", f"/v1/application_fees/{_NAMED}/refunds", outgoing.list_fee_refunds),
        ("GET", f"/v1/radar/early_fraud_warnings/{_NAMED}", api.get_warning),
        ("GET", "/v1/radar/early_fraud_warnings", lists.list_warnings),
        ("GET", "/v1/events", lists.list_events),
        ("GET", "/v1/balance_transactions", lists.list_movements),
        ("GET", "/_sandbox/books", admin.books),
        ("POST", "/_sandbox/next", admin.arm_fault),
        ("POST", "/_sandbox/weather", controls.begin_weather),
        ("GET", "/_sandbox/weather", controls.show_weather),
        ("POST", "/_sandbox/clock", controls.set_clock_forward),
        ("GET", "/_sandbox/clock", controls.show_clock),
        ("POST", f"/_sandbox/refunds/{_NAMED}/fail", admin.fail_refund),
        ("POST", f"/_sandbox/payments/{_NAMED}/dispute", admin.dispute_payment),
        ("POST", f"/_sandbox/payments/{_NAMED}/warning", admin.warn_of_payment),
        ("POST", f"/_sandbox/disputes/{_NAMED}/close", admin.close_dispute),
        ("POST", "/_sandbox/payments", admin.register_payments),
        ("GET", "/_sandbox/payout_report.csv", admin.report),
        ("POST", "/_sandbox/application_fees", outgoing.take_fee),
        ("POST", "/_sandbox/payouts", automatic.pay_out),
        ("POST", f"/_sandbox/payouts/{_NAMED}/reconcile", automatic.reconcile_payout),
        ("POST", f"/_sandbox/payouts/{_NAMED}/fail", outgoing.fail_payout),
        ("POST", "/_sandbox/reset", admin.reset),
    )
)

_BEFALLEN = {
    Fault.LOOK_UP_500: refused(Problem(500, None, "An error occurred on our side.", kind="api_error")),
    Fault.LOOK_UP_RESET: Reply(0, "", mishap=Mishap.RESET),
    Fault.LOOK_UP_HANG: Reply(0, "", mishap=Mishap.HANG),
}
_KEY = re.compile(r"Bearer (sk|rk)_test_\w+")
_OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


def answer(desk: Desk, request: Request) -> Reply:
    """Find the endpoint and let it answer; a refusal is an answer too."""
    try:
        _check_host(request)
        if request.path.startswith("/v1/"):
            _check_key(request)
        endpoint, named = _endpoint(request)
        return _asked(desk, replace(request, named=named), endpoint)
    except Problem as problem:
        return refused(problem)


def _asked(desk: Desk, request: Request, endpoint: Endpoint) -> Reply:
    # Endpoints with idempotency keys lock for themselves, so that a second use of a key is seen while the first runs.
    if request.method == "POST" and request.path.startswith("/v1/"):
        return endpoint(desk, request)
    if request.path.startswith("/v1/"):
        about = str(request.params.get("payment_intent") or request.params.get("charge") or request.path)
        fault = desk.faults.take(is_look_up=True) or desk.weather.of_look_up(about)
        if fault:
            return _BEFALLEN[fault]
    with desk.books.lock:
        return endpoint(desk, request)


def _endpoint(request: Request) -> tuple[Endpoint, str]:
    for method, path, endpoint in ROUTES:
        found = path.fullmatch(request.path)
        if found and method == request.method:
            return endpoint, found[1] if path.groups else ""
    raise Problem(404, None, f"Unrecognized request URL ({request.method}: {request.path}).")


def _check_key(request: Request) -> None:
    key = _KEY.fullmatch(request.headers.get("authorization", ""))
    if key is None:
        raise Problem(401, None, "Invalid API Key provided: the sandbox takes sk_test_... only.")
    if key[1] == "rk" and request.method == "POST":
        raise Problem(403, "more_permissions_required", "This restricted key may only read.")


def _check_host(request: Request) -> None:
    """Keep web pages from reaching the sandbox under a name of their own."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    if host not in _OWN_HOSTS:
        raise Problem(403, None, "The sandbox answers on loopback only.")
