"""How commands speak: sentences in Russian, errors as sentences with exit code 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

import click
import peewee
from flask import current_app
from flask.cli import AppGroup
from redis.exceptions import RedisError

from backend.core.errors import AppError, InvalidInput
from backend.core.rules.configuration_changes import Difference
from backend.core.rules.document import Problem
from backend.flows.context import Context
from backend.store import accounts, db
from backend.store.accounts import Account
from backend.texts import has, t

LANGUAGE = "ru"


class Group(AppGroup):
    """Commands whose failures are sentences. A traceback is for our bugs only."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with db.connection():
                return super().invoke(ctx)
        except AppError as error:
            fail(error)
        except RedisError:
            raise click.ClickException(say("cli.redis")) from None
        except (peewee.OperationalError, peewee.ProgrammingError):
            raise click.ClickException(say("cli.database")) from None


def fail(error: AppError) -> NoReturn:
    problems = error.details.get("problems")
    if isinstance(problems, tuple):
        tell(problems)
    raise click.ClickException(sentence(error.code, error.details)) from None


def tell(problems: Iterable[Problem]) -> None:
    """One line per problem, on the error stream: the path in the document first."""
    for problem in problems:
        text = sentence(problem.code, problem.details)
        click.echo(f"{problem.path}: {text}" if problem.path else text, err=True)


def sentence(code: str, details: Any) -> str:
    """The text of an error; one without a text shows its code and details, so that it can be looked up."""
    if has(code, LANGUAGE):
        return t(code, LANGUAGE, **details)
    shown = " ".join(f"{name}={value}" for name, value in details.items())
    return f"{code} {shown}".strip()


def say(code: str, **values: object) -> str:
    return t(code, LANGUAGE, **values)


def difference(change: Difference) -> str:
    old, new = (say("cli.nothing") if value is None else _plain(value) for value in (change.old, change.new))
    return f"{change.path}: {old} → {new}"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def context() -> Context:
    ctx = current_app.extensions["mostik"]
    assert isinstance(ctx, Context)
    return ctx


def account(domain: str) -> Account:
    found = accounts.by_domain(domain.strip())
    if found is None:
        raise InvalidInput("cli.no_account", domain=domain)
    return found
