"""The statistics as a file: every call of these days, and the sums by employee, line, hour and day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from flask import Response, make_response

from admin import guard
from admin.names import Names
from admin.pages import language
from admin.telephony import view
from admin.telephony.asked import Days
from admin.telephony.counted import Found
from backend import texts
from backend.flows.reports import sheets
from backend.flows.reports.sheets import Cell, Kind, Sheet
from backend.store.accounts import Account
from backend.store.telephony import call_lists
from backend.store.telephony.call_figures import CallFigures
from backend.store.telephony.calls import CallFilters, CallRow

MOST = 50_000  # calls of one file
CALL = ("when", "way", "number", "employee", "line", "did", "result", "wait", "talk", "pbx")
SUMS = ("incoming", "answered", "missed", "lost", "mean_wait", "outgoing", "reached", "talked", "untaken")


def send(account: Account, days: Days, pbx_id: int | None, found: Found, kind: Kind) -> Response:
    written = _sheets(account, days, pbx_id, found)
    rows = len(written[0].rows)
    guard.audit("report.taken", "telephony", account, after={**days.chosen, "kind": kind.value, "rows": rows})
    answer = make_response(sheets.write(kind, written))
    answer.content_type = sheets.TYPES[kind]
    between = f"{days.period.first.isoformat()}_{days.period.last.isoformat()}"
    answer.headers["Content-Disposition"] = f'attachment; filename="calls_{between}.{kind.value}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _sheets(account: Account, days: Days, pbx_id: int | None, found: Found) -> list[Sheet]:
    names = Names(account.id)

    def user(key: str | int) -> Cell:
        return names.user(int(key)) if key else _t("telephony_calls.filter.nobody")

    return [
        _calls(account, days, pbx_id, names),
        _sums("employee", found.users, user),
        _sums("line", found.lines, str),
        _sums("hour", found.hours, lambda key: f"{int(key):02}:00"),
        Sheet(
            _t("telephony_statistics.by.day"), _heads("day"),
            [(day, *_figures(one)) for day, one in found.days],
        ),
    ]  # fmt: skip


def _calls(account: Account, days: Days, pbx_id: int | None, names: Names) -> Sheet:
    """The calls that the numbers were counted from."""
    place, titles = days.since.tzinfo, view.titles(account.id)
    filters = CallFilters(since=days.since, until=days.until, pbx_id=pbx_id, is_over=True)
    found: Iterable[CallRow] = call_lists.lines(account.id, filters, MOST)
    rows = [row for row in found if row.is_untaken or row.way in ("in", "out")]
    asked = view.asked(account.id, rows)

    def line(row: CallRow) -> tuple[Cell, ...]:
        return (
            row.began_at.astimezone(place), _t(f"telephony_calls.way.{view.way(row)}"),
            row.client_key or row.client or asked.get(row.request_id, ""),
            names.user(row.user_id) if row.user_id else "", row.line or row.trunk, row.did,
            _t(f"telephony_calls.result.{view.result(row)}"),
            row.wait_ms // 1000, row.talk_ms // 1000, titles.get(row.pbx_id, ""),
        )  # fmt: skip

    heads = tuple(_t(f"telephony_statistics.head.{name}") for name in CALL)
    return Sheet(_t("telephony_calls.title"), heads, [line(row) for row in rows])


def _sums(name: str, found: Sequence[CallFigures], named: Callable[[str | int], Cell]) -> Sheet:
    rows = [(named(one.key), *_figures(one)) for one in found]
    return Sheet(_t(f"telephony_statistics.by.{name}"), _heads(name), rows)


def _heads(name: str) -> tuple[str, ...]:
    return tuple(_t(f"telephony_statistics.head.{one}") for one in (name, *SUMS))


def _figures(one: CallFigures) -> tuple[Cell, ...]:
    """Lengths of time as whole seconds, so that a spreadsheet can count with them."""
    return (
        one.incoming, one.answered, one.missed, one.lost, int(one.mean_wait.total_seconds()), one.outgoing,
        one.reached, one.talk_ms // 1000, one.untaken,
    )  # fmt: skip


def _t(code: str) -> str:
    return texts.t(code, language())
