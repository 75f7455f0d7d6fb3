"""How the added functions fare: runs, failures and time of each day, and what the last failure said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.store import db

TABLE = "call_hook_figures"
DAY = 86_400 * db.SECOND


@dataclass(frozen=True, slots=True)
class HookFigures:
    """Of a week. `last_error` is of the newest failure; `failed_at` None: there was none."""

    runs: int = 0
    failures: int = 0
    micros: int = 0
    last_error: str = ""
    failed_at: datetime | None = None

    @property
    def mean_ms(self) -> float:
        return self.micros / self.runs / 1000 if self.runs else 0.0


def note(account_id: int, name: str, micros: int, error: str, now: datetime) -> None:
    """One run; `error` "" when it answered."""
    day, failed = db.micros(now) // DAY, 1 if error else 0
    at = db.micros(now) if error else None
    db.run(
        f"""INSERT INTO {TABLE} (account_id, name, day, runs, failures, micros, last_error, failed_at)
        VALUES (%s, %s, %s, 1, %s, %s, %s, %s) ON CONFLICT (account_id, name, day) DO UPDATE SET
        runs = {TABLE}.runs + 1, failures = {TABLE}.failures + excluded.failures,
        micros = {TABLE}.micros + excluded.micros,
        last_error = coalesce(excluded.last_error, {TABLE}.last_error),
        failed_at = coalesce(excluded.failed_at, {TABLE}.failed_at)""",
        (account_id, name, day, failed, micros, error or None, at),
    )


def of_week(account_id: int, now: datetime) -> dict[str, HookFigures]:
    """Name → its last seven days."""
    first = db.micros(now) // DAY - 6
    found: dict[str, HookFigures] = {}
    rows = db.rows(
        f"""SELECT name, runs, failures, micros, last_error, failed_at FROM {TABLE}
        WHERE account_id = %s AND day >= %s ORDER BY day""",
        (account_id, first),
    )
    for name, runs, failures, micros, error, failed_at in rows:
        before = found.get(name, HookFigures())
        found[name] = HookFigures(
            before.runs + int(runs),
            before.failures + int(failures),
            before.micros + int(micros),
            error or before.last_error,
            db.moment(failed_at) if failed_at is not None else before.failed_at,
        )
    return found
