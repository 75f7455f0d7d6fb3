"""The probes of the other widget (booking-sync-scenarios.md §13): what is asked of each, and which answers
are settings of ours. Words of questions and answers are texts `takeover_probes.<probe>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from backend.core.errors import InvalidInput
from backend.core.rules.configuration import Configuration
from backend.core.rules.options import Options

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """`sets`: paths of options and the values that make us behave alike."""

    name: str
    sets: tuple[tuple[str, str | int | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    choices: tuple[Choice, ...]

    def choice(self, name: str) -> Choice | None:
        return next((one for one in self.choices if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Probe:
    """`is_needed`: without its answer there is no way back to rely on."""

    code: str
    questions: tuple[Question, ...]
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """An option that the answers ask for and that is another one now. Values as the document has them."""

    path: str
    now: str | int | bool
    then: str | int | bool


def _ask(name: str, **choices: tuple[str, str | int | bool] | None) -> Question:
    """A choice is named, with the option that it sets or None."""
    return Question(name, tuple(Choice(one, (sets,) if sets else ()) for one, sets in choices.items()))


PROBES = (
    Probe("P1", (
        _ask("mark", field=None, url=None, note=None, tag=None, nothing=None),
        _ask(
            "responsible", route=("responsible_by", "route"), master=("responsible_by", "master"),
            author=("responsible_by", "author"),
        ),
        _ask("lag", minute=None, five=None, longer=None),
    )),
    Probe("P2", (_ask("open_lead", attaches=None, by_stage=None, creates=None),)),
    Probe("P3", (_ask("two_open", pipeline=None, newest=None, oldest=None, creates=None),)),
    Probe("P4", (
        _ask(
            "categories", one=("multi_category", "single"), each=("multi_category", "split"),
            open_ones=("multi_category", "hybrid"),
        ),
    )),
    Probe("P5", (
        _ask("arrived", at_once=("success.needs_payment", False), paid=("success.needs_payment", True)),
        _ask("after_no_show", same=("after_no_show", "continue"), new=("after_no_show", "strict")),
    )),
    Probe("P6", (
        _ask("cancelled", closes=None, moves=None, stays=None),
        _ask("restored", same=("restored_late", "reopen"), new=("restored_late", "new")),
    )),
    Probe("P7", (_ask("links", field=None, database=None, both=None),), is_needed=True),
    Probe("P8", (
        _ask("late_price", follows=("money.price_days", 7), keeps=("money.price_days", 0)),
        _ask("edits", all=None, some=None),
    )),
    Probe("P9", (
        _ask(
            "abonement", full=("money.abonement", "full"), zero=("money.abonement", "zero"),
            visit=("money.abonement", "visit"),
        ),
        _ask("goods", lead=("money.goods", "lead"), field=("money.goods", "field")),
    )),
    Probe("P10", (_ask("moved", keeps=None, moves=None),)),
    Probe("P11", (_ask("closed", nothing=None, reopens=None, new=None),)),
    Probe("P12", (
        _ask("no_phone", creates=("without_phone", "create"), skips=("without_phone", "skip")),
        _ask("family", one=("match_by_name", False), two=("match_by_name", True)),
    )),
    Probe("P13", (
        _ask("from_salon", overwrites=("names_from_salon", True), keeps=("names_from_salon", False)),
        _ask("from_crm", goes=None, stays=None),
    )),
    Probe("P14", (_ask("form", yes=None, no=None),)),
    Probe("P15", (
        _ask("back", yes=("attendance_from_stage", True), no=("attendance_from_stage", False)),
    )),
    Probe("P16", (_ask("group", each=None, one=None, nothing=None),)),
    Probe("P17", (_ask("parallel", each=("group_by_visit", False), one=("group_by_visit", True)),)),
    Probe("P18", (_ask("salons", each=("network_wide", False), one=("network_wide", True)),)),
    Probe("P19", (
        _ask("next", attaches=None, creates=None),
        _ask(
            "needless", closes=("already_booked", "close"), moves=("already_booked", "move"),
            stays=("already_booked", "task"),
        ),
    )),
    Probe("P20", (_ask("merged", survives=None, breaks=None),)),
    Probe("P21", (_ask("renamed", follows=None, breaks=None),)),
    Probe("P22", (_ask("outage", catches_up=None, loses=None),)),
    Probe("P23", (_ask("flood", all=None, loses=None, doubles=None),)),
    Probe("P24", (_ask("settings", have=None, lack=None),)),
    Probe("P25", (_ask("traces", visible=None, some=None, nothing=None),)),
)  # fmt: skip


def probe(code: str) -> Probe:
    """InvalidInput when there is none."""
    found = next((one for one in PROBES if one.code == code), None)
    if found is None:
        raise InvalidInput("takeover_probes.unknown", probe=code)
    return found


def known(asked: Probe, answers: Answers) -> dict[str, str]:
    """Those of the answers that the probe has; whatever else was sent is left out."""
    return {
        question.name: answers[question.name]
        for question in asked.questions
        if question.name in answers and question.choice(answers[question.name])
    }


def wanted(asked: Probe, answers: Answers) -> dict[str, str | int | bool]:
    """Option → value that these answers ask for."""
    given = known(asked, answers)
    chosen = (question.choice(given.get(question.name, "")) for question in asked.questions)
    return {path: value for choice in chosen if choice for path, value in choice.sets}


def proposed(asked: Probe, answers: Answers, configuration: Configuration) -> tuple[Proposed, ...]:
    """What has to be changed so that we do as the other widget does."""
    now = {path: plain(configuration.options, path) for path in wanted(asked, answers)}
    return tuple(
        Proposed(path, now[path], then)
        for path, then in wanted(asked, answers).items()
        if not _is_same(path, now[path], then)
    )


def _is_same(path: str, now: str | int | bool, then: str | int | bool) -> bool:
    """Of days any number but none is «the budget follows»: how many is for people to say."""
    if path == "money.price_days":
        return bool(now) == bool(then)
    return now == then


def changed(configuration: Configuration, changes: Mapping[str, str | int | bool]) -> Configuration:
    options = configuration.options
    for path, value in changes.items():
        options = _with(options, path.split("."), value)
    return replace(configuration, options=options)


def plain(options: Options, path: str) -> str | int | bool:
    """The value of an option as the document has it."""
    found: object = options
    for name in path.split("."):
        found = getattr(found, name)
    if isinstance(found, Enum):
        return str(found.value)
    assert isinstance(found, str | int)
    return found


def _with(whole: Any, path: Sequence[str], value: object) -> Any:
    """A copy with one value changed, in a part of a part too; an enumeration stays one."""
    name, *rest = path
    before = getattr(whole, name)
    after = _with(before, rest, value) if rest else type(before)(value)
    return replace(whole, **{name: after})


def paths() -> frozenset[str]:
    """Every option that an answer may set."""
    return frozenset(
        path for one in PROBES for q in one.questions for choice in q.choices for path, _ in choice.sets
    )
