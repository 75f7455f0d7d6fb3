"""What the service is run by: settings, addresses, commands."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import click

from backend import cli
from backend.app import create_app
from backend.settings import Settings
from backend.store import db
from backend.wiring import build_context
from docs.tools import words
from docs.tools.markdown import code, table

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = {
    "PUBLIC_URL": "http://mostik.test",
    "SECRET_KEY": "-",
    "REDIS_URL": "unix:///nowhere",
    "AMOCRM_CLIENT_ID": "-",
    "AMOCRM_CLIENT_SECRET": "-",
    "YCLIENTS_PARTNER_TOKEN": "-",
}
OF_RUN = (
    ("WEB_BIND", "127.0.0.1:8000"),
    ("WORKERS", "1"),
    ("STREAM_BIND", ""),
)  # read by the processes' starter
GROUPS = (
    *cli.configuration.GROUPS, *cli.bookings.GROUPS, *cli.upkeep.GROUPS, *cli.operators.GROUPS
)  # fmt: skip
TARGET = re.compile(r"^([a-z-]+):.*?## ", re.MULTILINE)


def settings() -> str:
    own = ((f.name.upper(), _default(f.default)) for f in fields(Settings))
    return table(
        ("переменная", "по умолчанию", "назначение"),
        (
            (code(name), default, words.of("settings", name))
            for name, default in (*own, *((name, code(default)) for name, default in OF_RUN))
        ),
    )


def routes() -> str:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            build_context(Settings.from_env({**EXAMPLE, "DATABASE_URL": f"sqlite:///{folder}/x.db"}))
        )
        db.release()
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    return table(
        ("адрес", "способ", "назначение"),
        (
            (code(rule.rule), ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})) or "OPTIONS",
             words.of("routes", rule.endpoint))
            for rule in rules
        ),
    )  # fmt: skip


def commands() -> str:
    """Every command of `flask --app wsgi`, with the sentence it shows itself."""
    rows = sorted(row for group in GROUPS for row in _commands(group))
    return table(("команда", "что делает"), rows)


def make() -> str:
    names = TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    return table(
        ("команда", "что делает"), ((code(f"make {name}"), words.of("make", name)) for name in names)
    )


def command_names() -> list[str]:
    """`group command` of each: what the documents must not forget."""
    return sorted(f"{group.name} {name}" for group in GROUPS for name in group.commands)


def _commands(group: click.Group) -> Iterator[tuple[str, str]]:
    for name, command in sorted(group.commands.items()):
        words_of_it = [f"{group.name} {name}", *(_parameter(p) for p in command.params)]
        yield code(" ".join(words_of_it)), " ".join((command.help or "").split())


def _parameter(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        kind = parameter.type
        return "|".join(kind.choices) if isinstance(kind, click.Choice) else str(parameter.name).upper()
    option = parameter.opts[0]
    is_flag = isinstance(parameter, click.Option) and parameter.is_flag
    return f"[{option}]" if is_flag else f"[{option} {str(parameter.name).upper()}]"


def _default(default: object) -> str:
    if default is MISSING:
        return "обязательна"
    return "не задана" if default is None else code(str(default))
