"""A recording as a page plays it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from backend.flows.telephony.recordings import recordings as flow
from backend.store.telephony import recordings
from backend.store.telephony.recordings import Recording


@dataclass(frozen=True, slots=True)
class Player:
    """`address`: where the sound is, "" while there is none or the link is closed."""

    row: Recording
    address: str

    @property
    def state(self) -> str:
        return "revoked" if self.row.revoked_at is not None else self.row.state


def of(row: Recording) -> Player:
    """Played from the very link that the CRM has: the page asks for nothing else."""
    token = flow.open_token(row)
    is_heard = token and row.state == recordings.READY
    return Player(row, url_for("recordings.listen", token=token) if is_heard else "")
