"""How far the reading before a move is, and how long it will still take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend.core.takeover import remaining
from backend.core.takeover.remaining import Part
from backend.flows.sync import mirror
from backend.integrations.amocrm.client import PAGE as CRM_PAGE
from backend.integrations.yclients.client import PAGE as SALON_PAGE
from backend.store import long_works, takeover_pulls
from backend.store import mirror as index
from backend.store.long_works import LongWork
from backend.store.takeover_pulls import DONE, Pull

CRM_PACE, SALON_PACE = 1 / 3, 0.8  # seconds that a request takes at half of what the vendors allow


@dataclass(frozen=True, slots=True)
class Progress:
    """`work` is None before the first reading; totals of `pulls` are guesses until they are known; `rate` is
    rows in a minute; `seconds_left` None when nothing goes on.
    """

    work: LongWork | None
    pulls: tuple[Pull, ...]
    found: int
    total: int
    rate: int
    seconds_left: float | None

    @property
    def is_open(self) -> bool:
        return self.work is not None and self.work.is_open

    @property
    def is_complete(self) -> bool:
        """All of it has been read to its end, but for what nobody may see."""
        return bool(self.pulls) and all(pull.is_over for pull in self.pulls)


def of(account_id: int, kind: str) -> Progress:
    work = long_works.newest(account_id, kind)
    pulls = with_totals(account_id, takeover_pulls.of_account(account_id))
    spent = sum(map(_seconds, pulls))
    is_open = work is not None and work.is_open
    return Progress(
        work=work,
        pulls=tuple(pulls),
        found=sum(pull.found for pull in pulls),
        total=sum(max(pull.total or 0, pull.found) for pull in pulls),
        rate=round(sum(pull.found for pull in pulls if pull.requests) / spent * 60) if spent >= 1 else 0,
        seconds_left=remaining.seconds(map(_part, pulls)) if is_open else None,
    )


def with_totals(account_id: int, pulls: Iterable[Pull]) -> list[Pull]:
    """Totals that nobody has told yet are guessed by what is alike: so there is a remaining time from the
    first minute on.
    """
    found = list(pulls)
    guesses = _guesses(account_id, found)
    return [
        replace(pull, total=max(guesses.get(_kind(pull), 0), pull.found))
        if pull.total is None and not pull.is_over
        else pull
        for pull in found
    ]


def _guesses(account_id: int, pulls: list[Pull]) -> dict[str, int]:
    """A lead for each booking and a note for each lead; cards as there are contacts; salons alike."""
    salons = max(sum(_kind(pull) == "records" for pull in pulls), 1)
    leads, people = index.count(account_id, mirror.LEADS), index.count(account_id, mirror.CONTACTS)
    known: dict[str, list[int]] = {}
    for pull in pulls:
        if pull.state == DONE:
            known.setdefault(_kind(pull), []).append(pull.found)
    alike = {kind: sum(counts) // len(counts) for kind, counts in known.items()}
    return {
        "leads": leads, "contacts": people, "notes": leads, "records": leads // salons,
        "clients": people // salons, "account": 1, "salon": 1, **alike,
    }  # fmt: skip


def _part(pull: Pull) -> Part:
    is_salon = ":" in pull.collection
    return Part(
        found=pull.found, total=pull.total, page=SALON_PAGE if is_salon else CRM_PAGE,
        requests=pull.requests, seconds=_seconds(pull), pace=SALON_PACE if is_salon else CRM_PACE,
        is_over=pull.is_over,
    )  # fmt: skip


def _kind(pull: Pull) -> str:
    return pull.collection.partition(":")[0]


def _seconds(pull: Pull) -> float:
    if pull.began_at is None or pull.updated_at is None:
        return 0.0
    return max((pull.updated_at - pull.began_at).total_seconds(), 0.0)
