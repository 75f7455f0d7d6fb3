"""`operator …`: the people who sign in to the panel, from the server's own shell."""

from __future__ import annotations

import sys

import click

from backend.cli import speech
from backend.cli.speech import LANGUAGE, Group, say
from backend.core.errors import InvalidInput
from backend.flows.people import invitations, sessions, tickets
from backend.flows.people.tickets import Ticket
from backend.store import operators, second_factors
from backend.store.operators import ROLES, Operator
from backend.texts import t

SHELL = "cli"  # who did it, in the trail

operator = Group("operator", help="Люди, которые входят в панель.")
GROUPS = (operator,)
ROLE = click.option(
    "--role", type=click.Choice(ROLES), default="owner", show_default=True, help="Что человеку можно."
)


@operator.command("list")
def list_operators() -> None:
    """Печатает людей, их роли и состояние."""
    for one in operators.all_operators():
        state = "is_off" if not one.is_active else "is_on" if one.has_password else "is_invited"
        factor = "factor_on" if one.has_second_factor else "factor_none"
        words = (f"role.{one.role}", f"operators.{state}", f"operators.{factor}")
        click.echo("\t".join((one.login, *(t(code, LANGUAGE) for code in words))))


@operator.command("invite")
@click.argument("login")
@ROLE
def invite(login: str, role: str) -> None:
    """Приглашает человека: печатает ссылку, по которой он придумает пароль."""
    ctx = speech.context()
    operators.invite(login, role, ctx.now())
    _note("operator.invited", login, after={"role": role})
    click.echo(invitations.link(ctx, _found(login)))


@operator.command("role")
@click.argument("login")
@click.argument("role", type=click.Choice(ROLES))
def change_role(login: str, role: str) -> None:
    """Меняет роль человека."""
    one = _found(login)
    operators.set_role(one.id, role)
    _note("operator.role", one.login, before={"role": one.role}, after={"role": role})
    click.echo(say("operators.role_changed", login=one.login))


@operator.command("off")
@click.argument("login")
def switch_off(login: str) -> None:
    """Закрывает человеку вход."""
    one = _found(login)
    operators.set_active(one.id, is_active=False)
    _note("operator.off", one.login)
    click.echo(say("operators.switched_off", login=one.login))


@operator.command("on")
@click.argument("login")
def switch_on(login: str) -> None:
    """Возвращает человеку вход."""
    one = _found(login)
    operators.set_active(one.id, is_active=True)
    _note("operator.on", one.login)
    click.echo(say("operators.switched_on", login=one.login))


@operator.command("end-sessions")
@click.argument("login")
def end_sessions(login: str) -> None:
    """Завершает все сеансы человека."""
    one = _found(login)
    operators.end_sessions(one.id)
    _note("operator.sessions_ended", one.login)
    click.echo(say("operators.sessions_ended", login=one.login))


@operator.command("reset-factor")
@click.argument("login")
def reset_factor(login: str) -> None:
    """Убирает второй фактор: потерян телефон."""
    one = _found(login)
    second_factors.remove(one.id)
    _note("operator.factor_reset", one.login)
    click.echo(say("operators.factor_reset", login=one.login))


@operator.command("add")
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), help="Что человеку можно; новому без указания — всё.")
@click.option("--password-stdin", is_flag=True, help="Прочитать пароль из стандартного ввода.")
def add_operator(login: str, role: str | None, password_stdin: bool) -> None:
    """Добавляет человека, который сможет войти в панель; известному даёт новый пароль и открывает вход."""
    password = _password_from_stdin() if password_stdin else _asked_password()
    known = operators.by_login(login)
    role = role or (known.role if known else "owner")
    operators.add(login, password, role, speech.context().now())
    _note("operator.added", login, after={"role": role})
    click.echo(say("cli.operator_added", login=login))


@operator.command("link")
@click.argument("login")
def link(login: str) -> None:
    """Печатает ссылку, по которой этот человек войдёт один раз в течение часа."""
    found = _found(login)
    if not found.is_active:
        raise InvalidInput("cli.no_operator", login=login)
    ctx = speech.context()
    address = tickets.issue(ctx, Ticket(sessions.begun_by(found), "/admin/"), tickets.BY_HAND)
    click.echo(say("cli.ticket"), err=True)
    click.echo(address)


def _found(login: str) -> Operator:
    one = operators.by_login(login)
    if one is None:
        raise InvalidInput("cli.no_operator", login=login)
    return one


def _note(action: str, login: str, *, before: object = None, after: object = None) -> None:
    now = speech.context().now()
    operators.audit(now, operator=SHELL, action=action, subject=login, before=before, after=after)


def _password_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked_password() -> str:
    """Never an argument of the command: those stay in the shell's history and show in the process list."""
    answer: str = click.prompt(
        say("cli.password"), hide_input=True, confirmation_prompt=say("cli.password_again")
    )
    return answer
