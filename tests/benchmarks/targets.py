"""The targets by number: what each promises, which module measures it, and under which names it reports."""

from __future__ import annotations

from typing import Final, NamedTuple


class Target(NamedTuple):
    """One promise; `module` is empty where nothing measures it, and `beside` says then why, or what does."""

    number: int
    what: str
    module: str
    names: tuple[str, ...] = ()
    beside: str = ""


TARGETS: Final = (
    Target(1, "submit and decide over HTTP / its rows by raw psycopg", "submit_and_decide", ("submit_and_decide",)),
    Target(2, "bulk intake / set-based inserts", "bulk_intake", ("bulk_intake",)),
    Target(
        3,
        "policy engine / fastest of zen-engine and CEL",
        "policy_engine",
        ("policy_engine_outcome", "policy_engine_findings", "policy_engine_whole"),
    ),
    Target(4, "backtest / ORM loop with the same engine", "backtest", ("backtest", "backtest_sparing_loop")),
    Target(5, "queue page p95 / itself at 10,000 requests", "queue_page", ("queue_page",)),
    Target(6, "queries of the queue and of a request's page", "queue_page", ("queue_queries", "request_queries")),
    Target(7, "bulk approval / naive django-fsm loop", "life", ("bulk_approval",)),
    Target(8, "whole life / naive django-fsm", "life", ("whole_life",), "Viewflow (AGPL) and others are not installed"),
    Target(9, "raw GROUP BY / dashboard", "dashboard", ("dashboard", "dashboard_growth", "code_counting")),
    Target(
        10,
        "ledger append / the same without a chain, plain inserts",
        "ledger",
        ("ledger_chain", "ledger_appends", "ledger_appends_at_once"),
    ),
    Target(11, "ledger verification / ORM loop, bare SHA-256", "ledger", ("ledger_chains", "ledger_verification")),
    Target(12, "money out / the sandbox called bare", "money_out", ("money_out_1", "money_out_2")),
    Target(13, "outbox after kill -9 / kombu's drain of PGMQ", "outbox_killed", ("outbox_killed",)),
    Target(14, "webhook answer p99 / an empty view", "webhook_answer", ("webhook_answer",)),
    Target(15, "matching / bare COPY and one join", "matching", ("matching",)),
    Target(16, "order import / COPY", "order_import", ("order_import", "order_import_guarded")),
    Target(
        17,
        "embedded server from nothing / initdb and start",
        "embedded_start",
        ("embedded_start",),
        "kill matrix: tests/deploy/test_postgres.py",
    ),
    Target(
        18,
        "pages: cold weight, first paint, shifts, keys / budget",
        "pages",
        ("page_weight", "page_paint", "page_shift", "page_keys"),
    ),
)

MODULES: Final = tuple(dict.fromkeys(target.module for target in TARGETS if target.module))


def number_of(name: str) -> int:
    """Tell to which target a reported figure belongs; 0 for one that stands by itself."""
    return next((target.number for target in TARGETS if name in target.names), 0)
