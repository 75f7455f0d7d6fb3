"""`db …`, `secrets …`, `account …`: what the service itself needs from its administrator."""

from __future__ import annotations

import click

from backend.cli import speech
from backend.cli.speech import LANGUAGE, Group, say
from backend.flows.accounts import accounts as account_flow
from backend.store import accounts, migrate, secrets
from backend.texts import t

database = Group("db", help="База данных.")
secrets_group = Group("secrets", help="Шифрование ключей и токенов.")
account = Group("account", help="Аккаунты amoCRM.")
GROUPS = (database, secrets_group, account)


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
