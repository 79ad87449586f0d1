"""The laws of this house: layers, transitions, permissions, subscriptions, money without fractions."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils.module_loading import import_string
from django_fsm import FSMField

from analytics import machines as analytics_machines
from analytics.models import RemediationItem
from approvals.roles import ROLES, write_roles
from config.kernel.people import Machine
from config.subscriptions import SUBSCRIPTIONS, WITNESSES
from policies import machines as policy_machines
from policies.models import ExceptionCode, GovernedAction, PolicyVersion, ReasonCode
from refunds import lifecycle, machines
from refunds.models import RefundRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
LAYERS = ("kernel", "evidence", "approvals", "policies", "refunds", "analytics", "demo")
"""Lowest first, by app label; what belongs to none of them is Django's and stands below all."""

OURS = ("config", "evidence", "approvals", "policies", "refunds", "analytics")
MONEY = (
    "config/kernel/money.py",
    "refunds/balances.py",
    "refunds/intake.py",
    "refunds/workflow.py",
    "refunds/facts.py",
    "refunds/processing/queueing.py",
    "refunds/processing/performing.py",
    "refunds/gateways/units.py",
    "refunds/gateways/stripe.py",
    "refunds/reconciliation",
    "approvals/authority.py",
    "approvals/services",
    "policies/engine",
)
"""Where amounts are added and compared."""

FSM_MODELS: tuple[type[models.Model], ...] = (
    RefundRequest,
    PolicyVersion,
    ReasonCode,
    ExceptionCode,
    GovernedAction,
    RemediationItem,
)
MACHINES = [
    one
    for home in (machines, policy_machines, analytics_machines)
    for one in vars(home).values()
    if isinstance(one, Machine)
]


def sources(*below: str) -> Iterator[tuple[str, ast.Module]]:
    """Parse the files of some folders or files, migrations left out."""
    for place in below:
        path = PROJECT / place
        for file in sorted([path] if path.is_file() else path.rglob("*.py")):
            if "migrations" not in file.parts:
                yield str(file.relative_to(PROJECT)), ast.parse(file.read_text())


def transitions() -> list[tuple[str, Any]]:
    """List every transition of every model that has a life."""
    return [
        (f"{model.__name__}.{each.name}", each)
        for model in FSM_MODELS
        for each in model._meta.get_field("state").get_all_transitions(model)  # type: ignore[union-attr]
    ]


class TestTransitions:
    def test_are_of_the_models_we_know(self) -> None:
        living = {m for m in apps.get_models() if any(isinstance(field, FSMField) for field in m._meta.fields)}

        assert living == set(FSM_MODELS)

    def test_name_a_permission(self) -> None:
        assert [name for name, each in transitions() if not isinstance(each.permission, str)] == []

    def test_have_one_permission_for_each_verb(self) -> None:
        """`permission_of` reads the first; a verb with two would be asked for the wrong one."""
        asked: dict[str, set[str]] = {}
        for name, each in transitions():
            asked.setdefault(name, set()).add(each.permission)

        assert {name: found for name, found in asked.items() if len(found) > 1} == {}

    def test_can_be_spoken_by_a_role_or_a_machine(self) -> None:
        held = set(chain.from_iterable(ROLES.values())) | set(chain.from_iterable(one.permissions for one in MACHINES))

        assert {name: each.permission for name, each in transitions() if each.permission not in held} == {}

    def test_are_told_by_a_past_participle(self) -> None:
        verbs = {name.partition(".")[2] for name, _ in transitions() if name.startswith("RefundRequest")}

        assert lifecycle.NEWS.keys() == verbs

    def test_have_guards_with_a_sentence(self) -> None:
        mute = [
            f"{name}: {guard.__name__}"
            for name, each in transitions()
            for guard in each.conditions
            if not getattr(guard, "sentence", "").endswith(".")
        ]

        assert mute == []

    def test_of_machines_are_nobody_elses(self) -> None:
        """A person who could speak the policy's verbs would need no policy."""
        people = set(chain.from_iterable(ROLES.values()))
        verbs = machines.POLICY.permissions | machines.WORKER.permissions | policy_machines.JUDGE.permissions

        assert verbs & people == set()

    def test_let_no_machine_sign(self) -> None:
        every = set(chain.from_iterable(one.permissions for one in MACHINES))

        assert not every & {
            "refunds.approve_refundrequest",
            "refunds.review_refundrequest",
            "approvals.decide_approvalstep",
            "policies.explain_governedaction",
        }


class TestRoles:
    @pytest.mark.django_db
    def test_name_only_permissions_that_models_declare(self) -> None:
        write_roles()

    def test_keep_asking_and_paying_apart(self) -> None:
        assert not ROLES["agent"] & {"approvals.decide_approvalstep", "refunds.retry_refundrequest"}
        assert not ROLES["finance"] & {"refunds.submit_refundrequest", "approvals.decide_approvalstep"}
        assert not ROLES["service"] & {"approvals.decide_approvalstep", "refunds.review_refundrequest"}

    def test_let_an_auditor_change_nothing(self) -> None:
        # Signing that she read a review adds a line to the ledger and changes nothing else.
        signs = {"approvals.review_authoritylimit"}
        assert {name for name in ROLES["auditor"] if not name.split(".")[1].startswith("view_")} == signs


class TestLayers:
    def test_point_foreign_keys_down(self) -> None:
        up = [
            f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
            for model in apps.get_models()
            if model._meta.app_label in LAYERS
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignKey) and not isinstance(field.related_model, str)
            if _height(field.related_model._meta.app_label) > _height(model._meta.app_label)
        ]

        assert up == []

    def test_migrate_after_what_stands_below(self) -> None:
        loader = MigrationLoader(None, ignore_no_migrations=True)
        up = [
            f"{app}.{name} after {other}"
            for (app, name), migration in loader.disk_migrations.items()
            if app in LAYERS
            for other, _ in migration.dependencies
            if _height(other) > _height(app)
        ]

        assert up == []

    def test_import_nothing_of_ours_inside_functions(self) -> None:
        hidden = [
            f"{file}:{node.lineno}"
            for file, tree in sources(*OURS)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.ImportFrom | ast.Import) and _is_ours(node)
        ]

        assert hidden == []


class TestNews:
    def test_is_heard_by_functions_that_take_keywords(self) -> None:
        for news, tasks in (*SUBSCRIPTIONS.items(), *WITNESSES.items()):
            for task in tasks:
                function = import_string(task)
                taken = inspect.signature(function).parameters.values()
                assert {one.kind for one in taken} <= {
                    inspect.Parameter.KEYWORD_ONLY,
                    inspect.Parameter.VAR_KEYWORD,
                }, news
                assert any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken), f"{task} tolerates no news"

    def test_that_somebody_waits_for_is_published(self) -> None:
        words = {
            node.value
            for _, tree in sources(*OURS)
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        published = words | {f"job.queued.{word}" for word in words}

        published |= {f"refund_request.{word}" for word in lifecycle.NEWS.values()}

        assert (set(SUBSCRIPTIONS) | set(WITNESSES)) - published == set()


class TestStates:
    def test_are_never_written_past_the_transitions(self) -> None:
        """`queryset.update(state=...)` asks nobody; only models without a protected life may do it."""
        past = [
            f"{file}:{node.lineno}"
            for file, tree in sources(*OURS)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "bulk_update"}
            and any(word.arg == "state" for word in node.keywords)
            and {model.__name__ for model in FSM_MODELS}
            & {n.id for n in ast.walk(node.func) if isinstance(n, ast.Name)}
        ]

        assert past == []

    def test_cannot_be_set_by_hand(self) -> None:
        with pytest.raises(AttributeError):
            RefundRequest(state="intake").state = "approved"


class TestBroadCatches:
    def test_say_why_beside_them(self) -> None:
        """On the line itself, above it or below it; one that raises again keeps nothing to itself."""
        silent = []
        for file, tree in sources(*OURS):
            lines = (PROJECT / file).read_text().splitlines()
            silent += [
                f"{file}:{node.lineno}"
                for node in ast.walk(tree)
                if isinstance(node, ast.ExceptHandler)
                and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
                and ast.unparse(node.body[-1]) != "raise"
                and not any("# " in line for line in lines[node.lineno - 2 : node.lineno + 1])
            ]

        assert silent == []


class TestMoney:
    def test_never_becomes_a_fraction(self) -> None:
        loose = [
            f"{file}:{node.lineno}"
            for file, tree in sources(*MONEY)
            for node in ast.walk(tree)
            if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
            or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and _is_arithmetic(node))
            or (isinstance(node, ast.Constant) and isinstance(node.value, float) and file not in _HAVE_TIMEOUTS)
        ]

        assert loose == []

    @pytest.mark.django_db
    def test_is_kept_in_whole_numbers(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT table_name || '.' || column_name FROM information_schema.columns
                   WHERE table_schema = 'public' AND column_name LIKE '%\\_minor' AND data_type <> 'bigint'"""
            )
            assert cursor.fetchall() == []


_HAVE_TIMEOUTS = {"refunds/gateways/stripe.py"}


def _height(app_label: str) -> int:
    return LAYERS.index(app_label) if app_label in LAYERS else -1


def _is_ours(node: ast.ImportFrom | ast.Import) -> bool:
    if isinstance(node, ast.ImportFrom):
        return bool(node.level) or (node.module or "").split(".")[0] in OURS
    return any(name.name.split(".")[0] in OURS for name in node.names)


def _is_arithmetic(node: ast.BinOp | ast.AugAssign) -> bool:
    """Tell arithmetic from the joining of paths, which also has a slash."""
    return not any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(node))


class TestPrograms:
    def test_are_started_from_lists_of_words_and_never_through_a_shell(self) -> None:
        shells = {"system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"}
        wrong = []
        for path in chain.from_iterable((PROJECT / app).rglob("*.py") for app in OURS):
            for call in (
                node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
            ):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                through_shell = any(word.arg == "shell" for word in call.keywords)
                if through_shell or (name in shells and isinstance(call.func, ast.Attribute)):
                    wrong.append(f"{path.relative_to(PROJECT)}:{call.lineno}")

        assert wrong == []


class TestScripts:
    """What runs in the browser."""

    FOUND = sorted((PROJECT / "static/js").glob("*.js"))

    def test_keep_nothing_in_the_browser(self) -> None:
        keeping = re.compile(r"localStorage|sessionStorage|indexedDB|caches\.open|document\.cookie\s*=[^=]")

        assert self.FOUND
        assert [script.name for script in self.FOUND if keeping.search(script.read_text(encoding="utf-8"))] == []

    def test_merge_nothing_that_came_from_elsewhere_into_objects(self) -> None:
        """A name such as `__proto__` in what was sent would change every object of the page."""
        reaching = re.compile(
            r"__proto__|setPrototypeOf|\.prototype\s*[.\[]?\s*\w*\s*=[^=]|\[\w+\]\s*=[^=]|\bfor \((const|let) \w+ in "
        )
        merging = re.compile(r"Object\.assign\((?!script, \{)|JSON\.parse\([^)]*,")

        for pattern in (reaching, merging):
            found = {script.name: pattern.findall(script.read_text(encoding="utf-8")) for script in self.FOUND}
            assert {name: hits for name, hits in found.items() if hits} == {}
