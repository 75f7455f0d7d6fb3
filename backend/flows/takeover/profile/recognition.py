"""What is known of the other integration's marks: measured, or as a person corrected it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backend.core.takeover import recognition
from backend.core.takeover.recognition import Place, Recognition
from backend.flows.context import Context
from backend.store import takeover_profiles


def load(account_id: int) -> Recognition:
    """A person's word before what was measured; an empty one before anything is known."""
    return recognition.read(takeover_profiles.recognised(account_id))


def measured(account_id: int) -> Recognition:
    """Without anybody's corrections."""
    row = takeover_profiles.of(account_id)
    return recognition.read(row.measured) if row else Recognition()


def correct(
    ctx: Context,
    account_id: int,
    places: Iterable[Place],
    author: str,
    *,
    writer_ids: Iterable[int] | None = None,
) -> Recognition:
    """What a person says holds until it is taken back, also after the next measuring. None in `writer_ids`
    keeps who writes.
    """
    known = load(account_id)
    said = replace(
        known.with_places(places),
        writer_ids=known.writer_ids if writer_ids is None else frozenset(writer_ids),
        is_confirmed=True,
    )
    takeover_profiles.save_corrected(account_id, recognition.written(said), author, ctx.now())
    return said


def take_back(ctx: Context, account_id: int, author: str) -> Recognition:
    """What was measured holds again."""
    takeover_profiles.save_corrected(account_id, None, author, ctx.now())
    return load(account_id)
