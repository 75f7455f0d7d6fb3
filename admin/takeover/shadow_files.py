"""The comparison as a file: its rules with what was said of them, and every difference with both sides."""

from __future__ import annotations

from flask import Response, make_response

from admin import guard
from admin.pages import language
from admin.takeover import shadow_view
from admin.takeover.shadow_view import Filters
from admin.takeover.shadow_words import Words
from backend import texts
from backend.flows.reports import sheets
from backend.flows.reports.sheets import Cell, Kind, Sheet
from backend.flows.widget import spoken
from backend.store import takeover_diffs
from backend.store.accounts import Account

MOST = 20_000  # rows of one file


def send(account: Account, kind: str, filters: Filters) -> Response:
    words = Words(account.id)
    written = [_differences(account, filters, words), _rules(account, filters, words)]
    guard.audit(
        "report.taken", "takeover_shadow", account,
        after={**filters.chosen, "kind": kind, "rows": len(written[0].rows)},
    )  # fmt: skip
    answer = make_response(sheets.write(Kind(kind), written))
    answer.content_type = sheets.TYPES[Kind(kind)]
    name = f"get8_{filters.today.isoformat()}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _differences(account: Account, filters: Filters, words: Words) -> Sheet:
    zone = spoken.zone(account.timezone)
    rows: list[tuple[Cell, ...]] = []
    for example in shadow_view.examples(takeover_diffs.page(filters.asked, limit=MOST), words):
        row = example.row
        head: tuple[Cell, ...] = (
            words.salon(row.company_id), row.compared_at.astimezone(zone), row.key.rsplit(":", 1)[1],
            row.lead_id, words.diff(row.diff),
        )  # fmt: skip
        rows += [
            (*head, words.rule(side.part.rule), side.what, side.ours, side.theirs, row.lag_seconds)
            for side in example.sides
        ]
        if not example.sides:
            rows.append((*head, None, None, None, None, row.lag_seconds))
    heads = ("salon", "when", "booking", "lead", "class", "rule", "what", "ours", "theirs", "lag")
    return _sheet("differences", heads, rows)


def _rules(account: Account, filters: Filters, words: Words) -> Sheet:
    lang = language()
    rows: list[tuple[Cell, ...]] = [
        (
            words.diff(one.count.diff), one.words, one.count.count, one.percent,
            texts.t(f"takeover_shadow.word.{one.said.word}", lang) if one.said else None,
            "; ".join(f"{row.author}: {row.comment}" for row in one.remarks if row.comment),
        )
        for one in shadow_view.rules(account, filters, words)
    ]  # fmt: skip
    return _sheet("rules", ("class", "rule", "count", "percent", "word", "remarks"), rows)


def _sheet(name: str, heads: tuple[str, ...], rows: list[tuple[Cell, ...]]) -> Sheet:
    lang = language()
    titles = tuple(texts.t(f"takeover_shadow.column.{head}", lang) for head in heads)
    return Sheet(texts.t(f"takeover_shadow.sheet.{name}", lang), titles, rows)
