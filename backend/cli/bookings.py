"""`bookings …` and `events …`: bring bookings in, see what became of them, ask again about one event."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import click

from backend.cli import speech
from backend.cli.speech import LANGUAGE, Group, say
from backend.core.errors import InvalidInput
from backend.flows.road import reconcile, replays
from backend.store import bookings as mirror
from backend.store import connections, events, links
from backend.store.bookings import BookingRow
from backend.texts import t

PAGE = 500
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 60.0  # without any progress: no worker is running

bookings = Group("bookings", help="Записи салонов.")
events_group = Group("events", help="Входящие события.")
GROUPS = (bookings, events_group)

domain_argument = click.argument("account_domain")
wait_option = click.option("--wait", is_flag=True, help="Ждать, пока рабочие процессы всё обработают.")


@dataclass(frozen=True, slots=True)
class Told:
    """A booking and what became of it, for people and for scripts."""

    key: str
    lead_id: int | None
    reason: str
    phase: str
    branch: str


@bookings.command("import")
@domain_argument
@wait_option
def import_(account_domain: str, wait: bool) -> None:
    """Читает существующие записи всех салонов и ставит их в очередь."""
    account = speech.account(account_domain)
    found = reconcile.import_bookings(speech.context(), account.id, _counter())
    _finish(account.id, found, wait=wait)


@bookings.command("reconcile")
@domain_argument
@wait_option
def reconcile_(account_domain: str, wait: bool) -> None:
    """Спрашивает салоны, что изменилось, и ставит в очередь то, о чём не сообщили уведомления."""
    account = speech.account(account_domain)
    found = reconcile.reconcile_account(speech.context(), account.id, _counter())
    _finish(account.id, found, wait=wait)


@bookings.command("list")
@domain_argument
@click.option("--json", "as_json", is_flag=True, help="Один список JSON.")
def list_(account_domain: str, as_json: bool) -> None:
    """Печатает записи: номер, сделка, состояние, салон и почему так."""
    account = speech.account(account_domain)
    titles = {branch.id: branch.title for branch in connections.of_account(account.id)}
    rows = [told for page in _pages(account.id) for told in _told(account.id, page, titles)]
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    for row in rows:
        phase = t(f"phase.{row.phase}", LANGUAGE)
        click.echo("\t".join((row.key, str(row.lead_id or "—"), phase, row.branch, row.reason)))


@events_group.command("replay")
@click.argument("event_id", type=int)
def replay(event_id: int) -> None:
    """Спрашивает о записи этого события заново и решает ещё раз."""
    if events.get(event_id) is None:
        raise InvalidInput("cli.no_event", event_id=event_id)
    new_id = replays.replay(speech.context(), event_id)
    click.echo(say("cli.replayed", event_id=new_id))


def _pages(account_id: int) -> Iterator[list[BookingRow]]:
    before = None
    while page := mirror.page(account_id, before, PAGE):
        yield page
        before = (page[-1].updated_at, page[-1].id)


def _told(account_id: int, page: list[BookingRow], titles: dict[int, str]) -> Iterator[Told]:
    """The lead is that of the link: the one that its next change goes to."""
    linked = links.by_keys(account_id, [row.key for row in page])
    for row in page:
        lead_id = linked[row.key].lead_id if row.key in linked else None
        branch = titles.get(row.branch_id, "")
        yield Told(
            row.key, lead_id, _reason(row, {"branch": branch, "lead": lead_id or "—"}), row.phase, branch
        )


def _reason(row: BookingRow, known: dict[str, object]) -> str:
    """The sentence of the newest decision, with the names that it was made with."""
    if not row.reason:
        return ""
    decisions = (event.decision for event in events.of_subject(row.account_id, row.key) if event.decision)
    details: dict[str, object] = next(
        (d.get("details", {}) for d in decisions if d.get("reason") == row.reason), {}
    )
    return t(f"reason.{row.reason}", LANGUAGE, **{**known, **details})


def _counter() -> Callable[[int, int], None]:
    """How many records were read is known only at the end of the list, so this is a count, not a bar."""
    is_watched = sys.stderr.isatty()

    def show(done: int, news: int) -> None:
        click.echo(say("cli.reading", done=done, news=news), nl=not is_watched, err=True)
        if is_watched:
            click.echo("\r", nl=False, err=True)

    return show


def _finish(account_id: int, found: int, *, wait: bool) -> None:
    click.echo(say("cli.queued", count=found))
    if wait:
        _watch(account_id, max(found, events.pending_count(account_id)))


def _watch(account_id: int, total: int) -> None:
    """A bar of what is done, until nothing is pending. Where nobody can see it move, each move is a line."""
    left, moved_at, is_watched = total, time.monotonic(), sys.stdout.isatty()
    with click.progressbar(length=total, label=say("cli.working")) as bar:
        while left:
            pending = min(left, events.pending_count(account_id))
            if pending < left:
                bar.update(left - pending)
                left, moved_at = pending, time.monotonic()
                click.echo("" if is_watched else bar.format_progress_line() + "\n", nl=False)
            if time.monotonic() - moved_at > PATIENCE_SECONDS:
                raise click.ClickException(say("cli.nobody_works", left=left))
            time.sleep(LOOK_SECONDS if left else 0)
    click.echo(say("cli.all_done", count=total))
