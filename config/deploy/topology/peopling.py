"""People, teams and policies of the demo in a topology's database, a password for Amir and a token for the bot.

python -m config.deploy.topology.peopling (told by `drill` whose database and which password)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import django
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction

from .papers import write_private
from .portal import environment_of
from .programs import CannotStandError

if TYPE_CHECKING:
    from .plan import Plan

AGENT, BOT = "amir", "bot"


def settle(plan: Plan) -> dict[str, str]:
    """Bring people once and return the agent's password and the bot's token. :raises CannotStandError:"""
    paper = plan.secrets / "people.json"
    if not paper.exists():
        words = environment_of(plan, "owner.env") | {"DEMO": "1", "ALLOWED_HOSTS": ""}
        done = subprocess.run(
            [sys.executable, "-m", "config.deploy.topology.peopling"],
            cwd=plan.checkout,
            env=words,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotStandError(f"{done.stderr[-2000:]}\nThere are no people to work with.")
        write_private(paper, done.stdout.strip().splitlines()[-1])
    told: dict[str, str] = json.loads(paper.read_text())
    return told


def main() -> None:
    """Settle them and say the secrets, alone on the last line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    users = cast("Any", get_user_model()).objects
    tokens = cast("Any", apps.get_model("kernel", "ApiToken")).objects
    call_command("load_demo", empty=True, stdout=sys.stderr)
    password = os.urandom(18).hex()
    agent = users.get(username=AGENT)
    agent.set_password(password)
    agent.save(update_fields=["password"])
    with transaction.atomic():
        token = tokens.create(user=users.get(username=BOT))[1]
    print(json.dumps({"password": password, "token": token}))


if __name__ == "__main__":
    main()
