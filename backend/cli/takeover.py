"""`takeover …`: the move from another widget by commands, for scripts and for whoever likes a terminal better
than the panel. Each command is one button of the screens «Переезд».
"""

from __future__ import annotations

import json
from typing import Any

import click

from backend.cli import speech
from backend.cli.speech import Group
from backend.flows.takeover import discovery
from backend.store import long_works

AUTHOR = "cli"
KINDS = ("discover", "profile", "match", "cutover", "rollback")

takeover = Group("takeover", help="Переезд с другого виджета.")
GROUPS = (takeover,)

domain_argument = click.argument("account_domain")
company_argument = click.argument("company_id", type=int)


def show(value: object) -> None:
    """One JSON document; moments as texts."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


@takeover.command("discover")
@domain_argument
@click.option("--months", type=int, default=discovery.MONTHS, show_default=True, help="За сколько месяцев.")
def discover(account_domain: str, months: int) -> None:
    """Начинает чтение сделок и записей; ничего не пишет."""
    account = speech.account(account_domain)
    show({"work": discovery.start(speech.context(), account.id, AUTHOR, months)})


@takeover.command("works")
@domain_argument
def works(account_domain: str) -> None:
    """Печатает, как далеко зашли долгие работы переезда."""
    account = speech.account(account_domain)
    found = {kind: long_works.newest(account.id, kind) for kind in KINDS}
    show({kind: _work(row) for kind, row in found.items() if row is not None})


def _work(row: Any) -> dict[str, object]:
    return {"state": row.state, "done": row.done, "total": row.total, "note": row.note}

