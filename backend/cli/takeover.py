"""`takeover …`: the move from another widget by commands, for scripts and for whoever likes a terminal better
than the panel. Each command is one button of the screens «Переезд»; the answer is one JSON document.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from backend.cli import speech
from backend.cli.speech import Group
from backend.core.rules import configuration_changes
from backend.core.takeover import draft
from backend.core.takeover.draft import Line, Part, Sources
from backend.core.takeover.gate import Word
from backend.core.takeover.pairing import State
from backend.core.takeover.shadow import Diff
from backend.flows.rules import configuration, configuration_edit
from backend.flows.takeover.beside import gate, shadow
from backend.flows.takeover.counting import counters
from backend.flows.takeover.pairs import adoption, matching
from backend.flows.takeover.profile import drafting, profiling, recognition
from backend.flows.takeover.reading import discovery
from backend.flows.takeover.returning import rollback
from backend.flows.takeover.switching import cutover, preflight
from backend.store import (
    cutovers,
    lanes,
    long_works,
    rollbacks,
    takeover_decisions,
    takeover_diffs,
    takeover_pairs,
    takeover_shadows,
    takeover_verdicts,
    writers,
)
from backend.store.accounts import Account
from backend.store.takeover_pairs import Filter, PairRow
from backend.store.takeover_verdicts import About

AUTHOR = "cli"
KINDS = (discovery.KIND, profiling.KIND, matching.KIND, cutover.KIND, rollback.KIND)
EVERYTHING = 1_000_000

takeover = Group("takeover", help="Переезд с другого виджета.")
GROUPS = (takeover,)

domain_argument = click.argument("account_domain")
company_argument = click.argument("company_id", type=int)


def show(value: object) -> None:
    """One JSON document; moments as texts."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


# Looking and matching


@takeover.command("discover")
@domain_argument
@click.option("--months", type=int, default=discovery.MONTHS, show_default=True, help="За сколько месяцев.")
def discover(account_domain: str, months: int) -> None:
    """Начинает чтение сделок и записей; ничего не пишет."""
    account = speech.account(account_domain)
    show({"work": discovery.start(speech.context(), account.id, AUTHOR, months)})


@takeover.command("profile")
@domain_argument
def profile(account_domain: str) -> None:
    """Измеряет, чем прежний виджет помечает сделки и как он себя ведёт."""
    account = speech.account(account_domain)
    show({"work": profiling.start(speech.context(), account.id, AUTHOR)})


@takeover.command("recognised")
@domain_argument
@click.option("--confirm", is_flag=True, help="Подтвердить то, что измерено.")
def recognised(account_domain: str, *, confirm: bool) -> None:
    """Печатает, что известно о пометках прежнего виджета и о том, от чьего имени он пишет."""
    account = speech.account(account_domain)
    known = recognition.load(account.id)
    if confirm:
        known = recognition.correct(speech.context(), account.id, known.places, AUTHOR)
    shown = {"writer_ids": sorted(known.writer_ids), "is_confirmed": known.is_confirmed}
    show({**shown, "places": [asdict(place) for place in known.places]})


@takeover.command("draft")
@domain_argument
@click.option("--accept", is_flag=True, help="Принять всё, что предложено, часть за частью.")
def drafted(account_domain: str, *, accept: bool) -> None:
    """Печатает черновик настройки, сделанный по измеренному."""
    account = speech.account(account_domain)
    found: dict[str, list[str]] = {}
    for part in Part:  # each builds upon the one before, so the sources are read anew
        given = drafting.sources(account.id)
        offered = [one for one in draft.lines(given).get(part, ()) if draft.is_offered(one)] if given else []
        if given and offered:
            found[part] = [draft.name(one) for one in offered]
            if accept:
                _take(account, given, part, offered)
    show({"parts": found, "document": configuration_changes.render(configuration.current(account.id))})


def _take(account: Account, given: Sources, part: Part, offered: list[Line]) -> None:
    result = configuration_edit.edit(
        speech.context(), account, configuration.number(account.id), draft.SECTIONS[part],
        lambda before: draft.accepted(given, part, offered, before), AUTHOR, note=str(part),
    )  # fmt: skip
    if result.problems:
        speech.tell(result.problems)


@takeover.command("match")
@domain_argument
def match(account_domain: str) -> None:
    """Подбирает сделки к записям; ничего не пишет."""
    account = speech.account(account_domain)
    show({"work": matching.start(speech.context(), account.id, AUTHOR)})


@takeover.command("pairs")
@domain_argument
def pairs(account_domain: str) -> None:
    """Печатает все найденные пары записи и сделки."""
    account = speech.account(account_domain)
    rows = [
        row
        for state in State
        for row in takeover_pairs.page(account.id, Filter(state.value), limit=EVERYTHING)
    ]
    show([_pair(row) for row in rows])


def _pair(row: PairRow) -> dict[str, object]:
    told = {"id": row.id, "key": row.key, "lead_id": row.lead_id, "tier": row.tier, "state": row.state}
    return {**told, "company_id": row.company_id, "reasons": row.reasons, "is_decided": row.is_decided}


@takeover.command("decide")
@domain_argument
def decide(account_domain: str) -> None:
    """Читает решения человека о парах: {"accept": [номера], "reject": [номера]}."""
    account, now = speech.account(account_domain), speech.context().now()
    said: dict[str, list[int]] = json.load(sys.stdin)
    ways = (("accept", State.ACCEPTED), ("reject", State.REJECTED))
    for name, state in ways:
        takeover_decisions.decide(account.id, said.get(name, []), state, AUTHOR, now)
    show({name: len(said.get(name, [])) for name, _ in ways})


@takeover.command("adopt")
@domain_argument
@company_argument
def adopt(account_domain: str, company_id: int) -> None:
    """Принятые пары салона становятся связями; в amoCRM ничего не пишется."""
    account = speech.account(account_domain)
    show({"adopted": adoption.adopt(speech.context(), account.id, company_id)})


# The week beside each other


@takeover.command("shadow")
@domain_argument
@company_argument
def begin_shadow(account_domain: str, company_id: int) -> None:
    """Салон остаётся за прежним виджетом, а мы сравниваем, что сделали бы сами."""
    show({"way": shadow.begin(speech.context(), speech.account(account_domain), company_id, AUTHOR)})


@takeover.command("compare")
@domain_argument
def compare(account_domain: str) -> None:
    """Сравнивает всё, что устоялось, сейчас: сама программа делает это каждую минуту."""
    account = speech.account(account_domain)
    show({"compared": shadow.run(speech.context(), lanes.lane_id(account.id, shadow.LANE))})


@takeover.command("gate")
@domain_argument
@company_argument
def told_gate(account_domain: str, company_id: int) -> None:
    """Печатает, можно ли переключать салон, и о чём ещё надо решить."""
    account = speech.account(account_domain)
    row = takeover_shadows.of(account.id, company_id)
    groups = takeover_diffs.groups(account.id, company_id, row.begun_at) if row else []
    show({**asdict(gate.of(account.id, company_id)), "groups": [asdict(group) for group in groups]})


@takeover.command("say")
@domain_argument
@company_argument
@click.argument("diff", type=click.Choice([str(diff) for diff in Diff]))
@click.argument("rule")
@click.argument("word", type=click.Choice([str(word) for word in Word]))
def say(account_domain: str, company_id: int, diff: str, rule: str, word: str) -> None:
    """Слово маркетолога о расхождениях одного вида."""
    account = speech.account(account_domain)
    about = About(company_id, Diff(diff), rule)
    version = configuration.number(account.id)
    now = speech.context().now()
    takeover_verdicts.say(account.id, about, Word(word), "", author=AUTHOR, version=version, now=now)
    show({"said": word})


# The switch and the way back


@takeover.command("ready")
@domain_argument
@company_argument
def ready(account_domain: str, company_id: int) -> None:
    """Печатает список условий перед переключением салона."""
    account = speech.account(account_domain)
    show([asdict(check) for check in preflight.checks(speech.context(), account.id, company_id)])


@takeover.command("switch")
@domain_argument
@company_argument
def switch(account_domain: str, company_id: int) -> None:
    """Начинает переключение салона на нас."""
    account = speech.account(account_domain)
    show({"cutover": cutover.start(speech.context(), account, company_id, AUTHOR).id})


@takeover.command("timeline")
@domain_argument
@company_argument
def timeline(account_domain: str, company_id: int) -> None:
    """Печатает шаги последнего переключения и последнего возврата салона."""
    account = speech.account(account_domain)
    one, back = cutovers.newest(account.id, company_id), rollbacks.newest(account.id, company_id)
    writer = writers.of_salon(account.id, company_id)
    told: dict[str, Any] = {"writer": writer.writer if writer else "", "cutover": None, "rollback": None}
    if one is not None:
        rows = [asdict(step) for step in cutovers.steps(one.id)]
        times = {"t0": one.t0, "leased_at": one.leased_at, "ended_at": one.ended_at}
        told["cutover"] = {"state": one.state, "trouble": one.trouble, **times, "steps": rows}
    if back is not None:
        told["rollback"] = asdict(back)
    show(told)


@takeover.command("back")
@domain_argument
@company_argument
@click.option("--undo", is_flag=True, help="Отменить и то, что мы записали.")
def back(account_domain: str, company_id: int, *, undo: bool) -> None:
    """Возвращает салон прежнему виджету."""
    account = speech.account(account_domain)
    show({"rollback": rollback.start(speech.context(), account, company_id, AUTHOR, undo)})


@takeover.command("counters")
@domain_argument
@company_argument
def counted(account_domain: str, company_id: int) -> None:
    """Печатает контрольные числа салона."""
    account = speech.account(account_domain)
    show([asdict(counter) for counter in counters.of(speech.context(), account.id, company_id)])


@takeover.command("works")
@domain_argument
def works(account_domain: str) -> None:
    """Печатает, как далеко зашли долгие работы переезда."""
    account = speech.account(account_domain)
    found = {kind: long_works.newest(account.id, kind) for kind in KINDS}
    show({kind: _work(row) for kind, row in found.items() if row is not None})


def _work(row: Any) -> dict[str, object]:
    return {"state": row.state, "done": row.done, "total": row.total, "note": row.note}
