"""Options as a part of the configuration's document, read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from enum import StrEnum

from backend.core.rules.document import Node, Table
from backend.core.rules.options import STANDARD, Brake, Money, Options, Settle, Success

DAY = 86_400
YEARS = 3_650  # days
SECONDS = ("trigger_wait", "trigger_window", "incoming_wait")
DAYS = ("import_past_days", "reuse_no_show_days", "close_no_show_days", "attach_days")
TAGS = ("do_not_attach_tag", "do_not_move_tag", "do_not_transfer_label")
BY_BRANCH = ("excluded_labels", "auxiliary")
TABLES = ("settle", "success", "money", "brake")
CHOICES = tuple(f.name for f in fields(Options) if isinstance(getattr(STANDARD, f.name), StrEnum))
FLAGS = tuple(f.name for f in fields(Options) if isinstance(getattr(STANDARD, f.name), bool))
KEYS = (
    *CHOICES, *FLAGS, *TABLES, *SECONDS, *DAYS, *TAGS, *BY_BRANCH,
    "common_pipelines", "loss_reasons", "reopen_hours",
)  # fmt: skip


def read(node: Node) -> Options:
    table = node.table(*KEYS)
    reasons = table.get("loss_reasons", lambda node: node.table("cancelled", "technical"), Table(node, {}))
    simple = {
        **{name: table.choice(name, getattr(STANDARD, name)) for name in CHOICES},
        **{name: table.get(name, Node.flag, getattr(STANDARD, name)) for name in FLAGS},
        **{name: table.get(name, seconds, getattr(STANDARD, name)) for name in SECONDS},
        **{name: table.get(name, days, getattr(STANDARD, name)) for name in DAYS},
        **{name: table.get(name, Node.text, getattr(STANDARD, name)) for name in TAGS},
        **{name: table.get(name, ids_by_branch, getattr(STANDARD, name)) for name in BY_BRANCH},
    }
    return Options(
        **simple,
        settle=table.get("settle", _settle, STANDARD.settle),
        success=table.get("success", _success, STANDARD.success),
        money=table.get("money", _money, STANDARD.money),
        brake=table.get("brake", _brake, STANDARD.brake),
        cancelled_loss_reason=reasons.optional("cancelled", Node.id),
        technical_loss_reason=reasons.optional("technical", Node.id),
        common_pipelines=table.get("common_pipelines", Node.ids, STANDARD.common_pipelines),
        reopen_hours=table.get("reopen_hours", _hours, STANDARD.reopen_hours),
    )


def seconds(node: Node) -> int | None:
    return node.whole(most=DAY)


def days(node: Node) -> int | None:
    return node.whole(most=YEARS)


def ids_by_branch(node: Node) -> dict[int, frozenset[int]]:
    return {company_id: child.ids() for company_id, child in node.by_number().items()}


def _hours(node: Node) -> int | None:
    return node.whole(most=24 * YEARS)


def _settle(node: Node) -> Settle:
    names = [f.name for f in fields(Settle)]
    table = node.table(*names)
    return Settle(**{name: table.get(name, seconds, int(getattr(STANDARD.settle, name))) for name in names})


def _success(node: Node) -> Success:
    table, usual = node.table("needs_payment", "after_start"), STANDARD.success
    return Success(
        table.get("needs_payment", Node.flag, usual.needs_payment),
        table.get("after_start", Node.flag, usual.after_start),
    )


def _money(node: Node) -> Money:
    table, usual = node.table("abonement", "goods", "price_days", "keep_typed_budget"), STANDARD.money
    return Money(
        table.choice("abonement", usual.abonement),
        table.choice("goods", usual.goods),
        table.get("price_days", days, usual.price_days),
        table.get("keep_typed_budget", Node.flag, usual.keep_typed_budget),
    )


def _brake(node: Node) -> Brake:
    table, usual = node.table("per_person", "times_usual"), STANDARD.brake
    return Brake(
        table.get("per_person", lambda node: node.whole(least=1, most=1_000), usual.per_person),
        table.get("times_usual", lambda node: node.whole(least=1, most=1_000), usual.times_usual),
    )


def render(options: Options) -> dict[str, object]:
    """The document of these options: read again, it gives the same ones."""
    return {
        **{name: str(getattr(options, name)) for name in CHOICES},
        **{name: getattr(options, name) for name in (*FLAGS, *SECONDS, *DAYS, *TAGS)},
        **{name: _plain(asdict(getattr(options, name))) for name in TABLES},
        **{name: rendered_ids(getattr(options, name)) for name in BY_BRANCH},
        "loss_reasons": {
            "cancelled": options.cancelled_loss_reason,
            "technical": options.technical_loss_reason,
        },
        "common_pipelines": sorted(options.common_pipelines),
        "reopen_hours": options.reopen_hours,
    }


def rendered_ids(by_branch: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
    return {company_id: sorted(by_branch[company_id]) for company_id in sorted(by_branch)}


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in values.items()}
