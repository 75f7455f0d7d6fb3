"""`config …` and `salon …`: the configuration as a file, its versions, and a salon's mode."""

from __future__ import annotations

import os
from typing import BinaryIO

import click

from backend.cli import speech
from backend.cli.speech import Group, say
from backend.core.errors import InvalidInput
from backend.core.rules.configuration import Mode
from backend.flows.rules import configuration, configuration_edit, configuration_import
from backend.flows.rules.configuration_write import ImportResult
from backend.store import connections

AUTHOR = "cli"

config = Group("config", help="Конфигурация аккаунта: файл, версии, адреса уведомлений.")
salon = Group("salon", help="Салоны аккаунта.")
GROUPS = (config, salon)

domain_argument = click.argument("account_domain")


@config.command("export")
@domain_argument
def export(account_domain: str) -> None:
    """Печатает конфигурацию целиком. Токены показаны словом kept."""
    click.echo(configuration.export_yaml(speech.account(account_domain).id), nl=False)


@config.command("import")
@domain_argument
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Только показать, что изменится.")
@click.option("--author", default=AUTHOR, show_default=True, help="Кто вносит изменения.")
def import_(account_domain: str, file: BinaryIO, dry_run: bool, author: str) -> None:
    """Проверяет файл (- значит стандартный ввод) и делает его новой версией."""
    account = speech.account(account_domain)
    ctx, text = speech.context(), _text(file.read())
    # The person who types the command may name any variable of their own environment.
    env = dict(os.environ)  # noqa: TID251
    result = configuration_import.import_yaml(ctx, account, text, author, dry_run=dry_run, env=env)
    _report(result, dry_run=dry_run)


@config.command("hooks")
@domain_argument
def hooks(account_domain: str) -> None:
    """Печатает адреса уведомлений: номер салона, табуляция, адрес."""
    account, url = speech.account(account_domain), speech.context().settings.public_url
    for branch in connections.of_account(account.id):
        click.echo(f"{branch.company_id}\t{url}/hooks/yclients/{branch.hook_secret}")


@config.command("versions")
@domain_argument
def versions(account_domain: str) -> None:
    """Печатает версии, новые сверху."""
    for version in configuration.versions(speech.account(account_domain).id):
        when = version.created_at.isoformat(timespec="seconds")
        click.echo(f"{version.number}\t{when}\t{version.author}\t{version.note}".rstrip())


@config.command("show")
@domain_argument
@click.argument("number", type=int)
def show(account_domain: str, number: int) -> None:
    """Печатает одну версию."""
    click.echo(configuration.show(speech.account(account_domain).id, number), nl=False)


@config.command("compare")
@domain_argument
@click.argument("old", type=int)
@click.argument("new", type=int)
def compare(account_domain: str, old: int, new: int) -> None:
    """Печатает, чем одна версия отличается от другой."""
    for change in configuration.compare(speech.account(account_domain).id, old, new):
        click.echo(speech.difference(change))


@config.command("restore")
@domain_argument
@click.argument("number", type=int)
@click.option("--author", default=AUTHOR, show_default=True, help="Кто вносит изменения.")
def restore(account_domain: str, number: int, author: str) -> None:
    """Делает прежнюю версию новой. Токены салонов остаются."""
    account = speech.account(account_domain)
    _report(configuration_import.restore(speech.context(), account, number, author))


@salon.command("mode")
@domain_argument
@click.argument("company_id", type=int)
@click.argument("mode", type=click.Choice([str(mode) for mode in Mode]))
def set_mode(account_domain: str, company_id: int, mode: str) -> None:
    """Переключает салон: off, observe (только смотрим) или active (пишем в amoCRM)."""
    account = speech.account(account_domain)
    result = configuration_edit.set_mode(speech.context(), account, company_id, Mode(mode), AUTHOR)
    _report(result)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("configuration.not_utf8") from error


def _report(result: ImportResult, *, dry_run: bool = False) -> None:
    """What changed, then what is wrong: nothing was written (exit code 1), or written with a reservation."""
    for change in result.differences:
        click.echo(speech.difference(change))
    speech.tell(result.problems)
    if result.number is not None:
        click.echo(say("cli.imported", number=result.number, count=len(result.differences)))
    elif result.problems:
        raise click.ClickException(say("configuration.invalid", count=len(result.problems)))
    elif dry_run:
        click.echo(say("cli.dry_run", count=len(result.differences)))
