"""The move of an account's salons as one picture: where each stands, what comes next, what happened last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.core.errors import InvalidInput
from backend.core.rules.configuration import Mode
from backend.core.takeover import probes, standing
from backend.core.takeover.gate import Gate
from backend.core.takeover.pairing import State as PairState
from backend.core.takeover.standing import Facts, Preparation, Standing
from backend.flows.context import Context
from backend.flows.takeover.beside import gate
from backend.flows.takeover.counting import acceptance, counters
from backend.flows.takeover.counting.counters import Moment, Snapshot
from backend.flows.takeover.pairs import matching
from backend.flows.takeover.profile import profiling, recognition
from backend.flows.takeover.reading import discovery
from backend.store import (
    connections,
    cutovers,
    rollbacks,
    takeover_pairs,
    takeover_probes,
    takeover_profiles,
    takeover_shadows,
    writers,
)
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.cutovers import Cutover
from backend.store.rollbacks import Rollback
from backend.store.takeover_counters import AcceptanceRow
from backend.store.writers import Writer, WriterName


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a salon; `code` has a sentence."""

    at: datetime
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Salon:
    branch: BranchRow
    standing: Standing
    gate: Gate
    facts: Facts
    last: Event | None


@dataclass(frozen=True, slots=True)
class Way:
    """`salons` move or have moved; `others` are observed and may begin; `ours_always` write already."""

    salons: Sequence[Salon]
    others: Sequence[BranchRow]
    ours_always: Sequence[BranchRow]
    done: Preparation
    answered: int
    probes: int
    to_review: int


@dataclass(frozen=True, slots=True)
class _Known:
    """Rows of all salons, read once."""

    done: Preparation
    held: Mapping[int, Writer]
    switches: Mapping[int, Cutover]
    returns: Mapping[int, Rollback]
    counted: Mapping[int, Mapping[Moment, Snapshot]]
    after: Mapping[int, Snapshot]
    accepted: Mapping[int, AcceptanceRow]


def look(account_id: int) -> Way:
    known = _Known(
        _preparation(account_id),
        writers.of_account(account_id),
        cutovers.of_account(account_id),
        {one.company_id: one for one in reversed(rollbacks.of_account(account_id))},
        counters.kept(account_id),
        acceptance.counted(account_id),
        acceptance.accepted(account_id),
    )
    branches = connections.of_account(account_id)
    rest = [one for one in branches if one.company_id not in known.held]
    salons = [_salon(account_id, one, known) for one in branches if one.company_id in known.held]
    return Way(
        salons,
        [one for one in rest if one.mode == Mode.OBSERVE],
        [one for one in rest if one.mode == Mode.ACTIVE],
        known.done,
        len(takeover_probes.answers(account_id)),
        len(probes.PROBES),
        sum(salon.facts.to_review for salon in salons),
    )


def begin(ctx: Context, account: Account) -> list[BranchRow]:
    """«У нас работает GET8»: every observed salon is another one's from now on, so that nothing of ours can
    write there by accident. InvalidInput when there is no such salon.
    """
    wanted = look(account.id).others
    if not wanted:
        raise InvalidInput("takeover_hub.nothing_to_begin")
    writers.begin(account.id, [one.company_id for one in wanted], ctx.now())
    return list(wanted)


def leave(account: Account, company_id: int) -> None:
    """The salon does not move after all: it is an ordinary one again, and stays observed. InvalidInput when
    it is ours already, or being switched.
    """
    found = next((one for one in look(account.id).salons if one.branch.company_id == company_id), None)
    is_free = found is not None and not (found.facts.is_switching or found.facts.is_returning)
    if not is_free or not writers.end(account.id, company_id):
        raise InvalidInput("takeover_hub.not_free", company_id=company_id)


def _preparation(account_id: int) -> Preparation:
    read, profile = discovery.progress(account_id), takeover_profiles.of(account_id)
    measuring, pairing = profiling.newest(account_id), matching.newest(account_id)
    return Preparation(
        is_read=read.is_complete,
        is_reading=read.is_open,
        is_measured=profile is not None and profile.measured_at is not None,
        is_measuring=measuring is not None and measuring.is_open,
        is_confirmed=recognition.load(account_id).is_confirmed,
        is_paired=pairing is not None and pairing.state == "done",
        is_pairing=pairing is not None and pairing.is_open,
    )


def _salon(account_id: int, branch: BranchRow, known: _Known) -> Salon:
    company_id = branch.company_id
    switch, back = known.switches.get(company_id), known.returns.get(company_id)
    tallies = takeover_pairs.tallies(account_id, company_id)
    after, is_ours = known.after.get(company_id), known.held[company_id].writer is WriterName.OURS
    facts = Facts(
        known.done,
        is_moving=True,
        is_ours=is_ours,
        is_switching=switch is not None and not switch.is_over,
        is_returning=back is not None and not back.is_over,
        to_review=_count(tallies, PairState.PROPOSED),
        to_adopt=_count(tallies, PairState.ACCEPTED),
        gate=gate.of(account_id, company_id),
        red=after.red if after else None,
        is_accepted=company_id in known.accepted,
    )
    last = max(_events(account_id, company_id, known), key=lambda one: one.at, default=None)
    return Salon(branch, standing.of(facts), facts.gate, facts, last)


def _count(tallies: Mapping[tuple[str, str], int], wanted: PairState) -> int:
    return sum(count for (state, _), count in tallies.items() if state == wanted)


def _events(account_id: int, company_id: int, known: _Known) -> list[Event]:
    """The newest of each kind."""
    writer, switch = known.held[company_id], known.switches.get(company_id)
    back, shadow = known.returns.get(company_id), takeover_shadows.of(account_id, company_id)
    found = [Event(writer.since, f"writer_{writer.writer}")]
    found += [Event(shadow.begun_at, "compared")] if shadow else []
    found += [
        Event(one.taken_at, "counted", {"n": one.red}) for one in known.counted.get(company_id, {}).values()
    ]
    if switch:
        found.append(Event(switch.ended_at or switch.created_at, f"switch_{switch.state}"))
    if back:
        code = "returned" if back.is_over else "returning"
        found.append(Event(back.ended_at or back.begun_at, code))
    signed = known.accepted.get(company_id)
    return [*found, Event(signed.accepted_at, "accepted")] if signed else found
