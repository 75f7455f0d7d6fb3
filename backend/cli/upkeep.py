"""`db …`, `secrets …`, `account …`, `operator …`: what the service itself needs from its administrator."""

from __future__ import annotations

import sys

import click

from backend.cli import speech
from backend.cli.speech import LANGUAGE, Group, say
from backend.core.errors import InvalidInput
from backend.flows import accounts as account_flow
from backend.flows import sessions, tickets
from backend.flows.tickets import Ticket
from backend.store import accounts, migrate, operators, secrets
from backend.texts import t

database = Group("db", help="База данных.")
secrets_group = Group("secrets", help="Шифрование ключей и токенов.")
account = Group("account", help="Аккаунты amoCRM.")
operator = Group("operator", help="Люди, которые входят в панель.")
GROUPS = (database, secrets_group, account, operator)


@database.command("upgrade")
def upgrade() -> None:
    """Применяет недостающие миграции."""
    names = migrate.upgrade()
    for name in names:
        click.echo(name)
    click.echo(say("cli.upgraded", count=len(names)))


@secrets_group.command("rotate")
def rotate() -> None:
    """Шифрует всё заново ключом SECRET_KEY; прежний ключ читается из SECRET_KEY_OLD."""
    click.echo(say("cli.rotated", count=secrets.rotate()))


@account.command("list")
def list_accounts() -> None:
    """Печатает аккаунты и их состояние."""
    for row in accounts.all_accounts():
        trouble = speech.sentence(row.pause_code, {}) if row.pause_code else ""
        click.echo("\t".join((row.domain, t(f"state.{row.state}", LANGUAGE), trouble)).rstrip())


@account.command("pause")
@click.argument("account_domain")
def pause(account_domain: str) -> None:
    """Останавливает аккаунт: события копятся и ничего не пропадает."""
    account_flow.pause(speech.context(), speech.account(account_domain).id)
    click.echo(say("cli.paused", domain=account_domain))


@account.command("resume")
@click.argument("account_domain")
def resume(account_domain: str) -> None:
    """Продолжает работу аккаунта и всех его салонов."""
    revived = account_flow.resume(speech.context(), speech.account(account_domain).id)
    click.echo(say("cli.resumed", domain=account_domain, count=revived))


@operator.command("add")
@click.argument("login")
@click.option(
    "--role",
    type=click.Choice(operators.ROLES),
    default="owner",
    show_default=True,
    help="Что человеку можно.",
)
@click.option("--password-stdin", is_flag=True, help="Прочитать пароль из стандартного ввода.")
def add_operator(login: str, role: str, password_stdin: bool) -> None:
    """Добавляет человека, который сможет войти в панель."""
    password = _password_from_stdin() if password_stdin else _asked_password()
    operators.add(login, password, role, speech.context().now())
    click.echo(say("cli.operator_added", login=login))


@operator.command("link")
@click.argument("login")
def link(login: str) -> None:
    """Печатает ссылку, по которой этот человек войдёт один раз в течение часа."""
    found = operators.by_login(login)
    if found is None or not found.is_active:
        raise InvalidInput("cli.no_operator", login=login)
    ctx = speech.context()
    address = tickets.issue(ctx, Ticket(sessions.begun_by(found), "/admin/"), tickets.BY_HAND)
    click.echo(say("cli.ticket"), err=True)
    click.echo(address)


def _password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked_password() -> str:
    """Never an argument of the command: those stay in the shell's history and show in the process list."""
    answer: str = click.prompt(
        say("cli.password"), hide_input=True, confirmation_prompt=say("cli.password_again")
    )
    return answer
