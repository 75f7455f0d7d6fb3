"""The acceptance protocol of a salon's move: counters before and after, exceptions, and room for both
signatures; as a file and to print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, make_response

from admin import story
from admin.pages import language
from admin.takeover.counted import Row, Words, rows
from backend import texts
from backend.core.takeover import probes
from backend.core.takeover.counters import Counter
from backend.flows.reports import sheets
from backend.flows.reports.sheets import Cell, Kind, Sheet
from backend.flows.rules import configuration
from backend.flows.takeover.counting import acceptance
from backend.flows.takeover.counting import counters as flow
from backend.flows.takeover.counting.counters import Moment, Snapshot
from backend.flows.widget import spoken
from backend.store import takeover_probes, writers
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from backend.store.takeover_counters import AcceptanceRow
from backend.store.writers import Writer


@dataclass(frozen=True, slots=True)
class Protocol:
    branch: BranchRow
    before: Snapshot | None
    after: Snapshot | None
    rows: Sequence[Row]
    writer: Writer | None
    accepted: AcceptanceRow | None
    version: int
    answered: int
    probes: int

    @property
    def zone(self) -> str | None:
        return self.branch.timezone

    def odd(self) -> Iterator[tuple[Moment, Counter]]:
        """Counters with exceptions at either moment, in the order of the page."""
        for row in self.rows:
            for moment, counter in ((Moment.BEFORE, row.before), (Moment.AFTER, row.after)):
                if counter is not None and counter.exceptions:
                    yield moment, counter


def gather(account: Account, branch: BranchRow) -> Protocol:
    moments = flow.kept(account.id).get(branch.company_id, {})
    before, after = moments.get(Moment.BEFORE), moments.get(Moment.AFTER)
    return Protocol(
        branch,
        before,
        after,
        rows(before, after),
        writers.of_salon(account.id, branch.company_id),
        acceptance.accepted(account.id).get(branch.company_id),
        configuration.number(account.id),
        len(takeover_probes.answers(account.id)),
        len(probes.PROBES),
    )


def send(account: Account, protocol: Protocol) -> Response:
    written = sheets.write(
        Kind.XLSX, [_counters(account, protocol), _odd(account, protocol), _facts(account, protocol)]
    )
    answer = make_response(written)
    answer.content_type = sheets.TYPES[Kind.XLSX]
    name = f"takeover_{protocol.branch.company_id}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _counters(account: Account, protocol: Protocol) -> Sheet:
    said, t = Words(account.id, language()), _t
    heads = (t("name"), t("must"), t("before"), t("protocol.result"), t("after"), t("protocol.result"))
    written: list[tuple[Cell, ...]] = [
        (
            t(f"code.{row.code}"), t(f"target.{row.code}"),
            *_cells(said, row.before), *_cells(said, row.after),
        )
        for row in protocol.rows
    ]  # fmt: skip
    return Sheet(t("protocol.title"), heads, written)


def _cells(said: Words, counter: Counter | None) -> tuple[str, str]:
    if counter is None:
        return _t("not_counted"), ""
    return said.value(counter), _t("green_word" if counter.is_green else "red_word")


def _odd(account: Account, protocol: Protocol) -> Sheet:
    said, t = Words(account.id, language()), _t
    heads = (t("protocol.moment"), t("name"), t("protocol.booking"), t("protocol.lead"), t("protocol.what"))
    written: list[tuple[Cell, ...]] = [
        (t(str(moment)), t(f"code.{counter.code}"), story.number(odd.key), odd.lead_id, said.why(odd))
        for moment, counter in protocol.odd()
        for odd in counter.exceptions
    ]
    return Sheet(t("protocol.odd"), heads, written)


def _facts(account: Account, protocol: Protocol) -> Sheet:
    t, zone = _t, spoken.zone(protocol.zone or account.timezone)
    accepted, writer = protocol.accepted, protocol.writer
    lines: list[tuple[Cell, ...]] = [
        (t("protocol.network"), account.name or account.domain),
        (t("protocol.salon"), f"{protocol.branch.title} · {protocol.branch.company_id}"),
        (t("protocol.switched"), writer.t0.astimezone(zone) if writer and writer.t0 else None),
        (t("protocol.before"), protocol.before.taken_at.astimezone(zone) if protocol.before else None),
        (t("protocol.after"), protocol.after.taken_at.astimezone(zone) if protocol.after else None),
        (t("protocol.version"), protocol.version),
        (t("protocol.probes"), t("protocol.of_probes", n=protocol.answered, of=protocol.probes)),
        (t("protocol.note"), accepted.note if accepted else None),
        (t("protocol.customer"), f"{accepted.customer if accepted else ''} ______________________"),
        (t("protocol.contractor"), f"{accepted.contractor if accepted else ''} ______________________"),
    ]
    return Sheet(t("protocol.facts"), (t("protocol.facts"), ""), lines)


def _t(code: str, **values: object) -> str:
    return texts.t(f"takeover_counters.{code}", language(), **values)
