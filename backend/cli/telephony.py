"""`telephony …`: telephone exchanges and calls by commands, for scripts and for whoever likes a terminal
better than the panel. Each answer is one JSON document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import click

from backend.cli import speech
from backend.cli.speech import Group
from backend.core.errors import InvalidInput
from backend.core.rules.document import Problem
from backend.core.telephony.after import written
from backend.flows.rules import configuration
from backend.flows.telephony.connections import connecting
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.hearing import repair
from backend.flows.telephony.recordings import recording_places
from backend.store import operators
from backend.store.accounts import Account
from backend.store.telephony import calls, pbxes
from backend.store.telephony.calls import CallFilters, CallRow
from backend.store.telephony.pbxes import Pbx

AUTHOR = "cli"
MOST = 10_000
SHOWN = ("folder", "remote_folder", "url", "host", "port", "login")  # of a place of recordings, in the trail

telephony = Group("telephony", help="Телефония: АТС и звонки.")
GROUPS = (telephony,)

domain_argument = click.argument("account_domain")


def show(value: object) -> None:
    """One JSON document; moments as texts."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


@telephony.command("pbx")
@domain_argument
@click.argument("code")
@click.option("--kind", default=pbxes.ASTERISK, show_default=True, help="Вид новой АТС: asterisk или cloud.")
def connect(account_domain: str, code: str, kind: str) -> None:
    """Подключает АТС или меняет её: поля экрана «АТС» — документом JSON из стандартного ввода."""
    account = speech.account(account_domain)
    known = _known(account, code, kind)
    filled = connecting.filled(known, _fields(), opens_files=True)
    if filled.problems:
        problems = (
            Problem(name, code, {key: str(value) for key, value in details.items()})
            for name, (code, details) in filled.problems.items()
        )
        raise InvalidInput("configuration.invalid", problems=tuple(problems), count=len(filled.problems))
    saved = pbxes.save(filled.pbx)
    operators.audit(
        speech.context().now(), operator=AUTHOR, action="pbx.changed" if known.id else "pbx.added",
        subject=saved.title, account_id=account.id, before=connecting.facts(known) if known.id else None,
        after=connecting.facts(saved),
    )  # fmt: skip
    show({"id": saved.id, "code": saved.code, "door": kinds.door(speech.context(), saved)})


def _known(account: Account, code: str, kind: str) -> Pbx:
    found = connecting.find(account, code)
    return found if found is not None else replace(connecting.new(account, kind), code=code)


def _fields() -> Mapping[str, str]:
    """Never arguments of the command: there are secrets among them."""
    try:
        given = json.load(sys.stdin)
    except ValueError:
        raise InvalidInput("telephony_cli.not_json") from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidInput("telephony_cli.not_fields")
    return given


@telephony.command("recordings")
@domain_argument
@click.argument("code")
def find_recordings(account_domain: str, code: str) -> None:
    """Говорит, где лежат записи АТС (документ JSON из стандартного ввода), и пробует до них дойти."""
    account = speech.account(account_domain)
    known, given = _found(account, code), dict(_fields())
    saved = pbxes.save(replace(known, options={**known.options, "recordings": given}))
    operators.audit(
        speech.context().now(), operator=AUTHOR, action="recording.place_saved", subject=saved.title,
        account_id=account.id, after={name: value for name, value in given.items() if name in SHOWN},
    )  # fmt: skip
    rules = configuration.current(account.id).telephony.recordings
    tested = recording_places.check(speech.context(), saved, rules)
    show({"is_good": tested.is_good, "checks": [asdict(check) for check in tested.checks]})


def _found(account: Account, code: str) -> Pbx:
    found = connecting.find(account, code)
    if found is None:
        raise InvalidInput("telephony_cli.no_pbx", name=code)
    return found


@telephony.command("again")
@domain_argument
@click.argument("code")
@click.option("--hours", type=int, default=24, show_default=True, help="За сколько последних часов.")
def again(account_domain: str, code: str, hours: int) -> None:
    """Читает таблицы звонков АТС за период заново и разбирает его звонки ещё раз."""
    account, ctx = speech.account(account_domain), speech.context()
    pbx, now = _found(account, code), ctx.now()
    repaired, looked = repair.reprocess(ctx, pbx, now - timedelta(hours=hours), now)
    operators.audit(
        now, operator=AUTHOR, action="pbx.reprocessed", subject=pbx.title, account_id=account.id,
        after={"hours": hours},
    )  # fmt: skip
    show({"looked_at": looked, **repaired.report})


@telephony.command("state")
@domain_argument
def state(account_domain: str) -> None:
    """Печатает, как дела у каждой АТС."""
    account = speech.account(account_domain)
    show([{"code": one.code, **asdict(pbxes.state(one.id))} for one in pbxes.of_account(account.id)])


@telephony.command("calls")
@domain_argument
@click.option("--limit", type=int, default=100, show_default=True, help="Сколько последних звонков.")
def listed(account_domain: str, limit: int) -> None:
    """Печатает последние звонки: что было и что с ними стало в amoCRM."""
    account = speech.account(account_domain)
    show([_told(row) for row in calls.portion(account.id, CallFilters(), limit=min(limit, MOST))])


def _told(row: CallRow) -> dict[str, Any]:
    ours = {"id": row.id, "state": row.state, "user_id": row.user_id, "line": row.line, "crm": row.crm}
    return {**ours, **written.as_data(row.call)}
