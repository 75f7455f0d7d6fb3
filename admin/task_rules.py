"""Tasks by rule on «Тексты и задачи»: the list, a new one, and how many it would have set last week."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from admin import guard, saving
from admin.forms import Form
from backend.core.errors import TryLater
from backend.core.rules.configuration import Configuration
from backend.core.rules.options_document import YEARS
from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.sync import tasks
from backend.core.templates import builtin, fields, language
from backend.flows.reminders import counting
from backend.flows.rules import configuration, schemas
from backend.flows.wording import shown
from backend.store.accounts import Account

SECTIONS = ("tasks",)
SENT = "task_text"
BEFORE, AFTER = "before", "after"
BOOKED_BEFORE = (
    f"{TaskWhen.BOOKED}_{BEFORE}"  # a choice of its own: only a record knows a time before the visit
)
CHOICES = (BOOKED_BEFORE, *TaskWhen)
HOURS, DAYS = "hours", "days"
FIELDS = ("task_when", "task_amount", "task_user", SENT)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rule of the list; `count`: how many tasks it would have set last week."""

    name: str
    rule: TaskRule
    text: str
    side: str
    pause: timedelta
    count: int | None


def add(form: Form, account: Account) -> bool:
    rule = _typed(form)
    for mistake in language.read(rule.text, fields.TASK).mistakes if rule.text else ():
        form.complain(SENT, mistake.code, **language.told(rule.text, mistake))
    place = f"tasks[{len(configuration.current(account.id).tasks)}]"
    paths = {f"{place}.text": SENT, f"{place}.user": "task_user", f"{place}.days": "task_amount"}

    def change(before: Configuration) -> Configuration:
        return replace(before, tasks=(*before.tasks, rule))

    return form.ok and saving.save(form, account, SECTIONS, change, paths)


def remove(form: Form, account: Account) -> bool:
    """Known by its name: the list may have changed since it was drawn."""
    name = form.text("rule")

    def change(before: Configuration) -> Configuration:
        return replace(before, tasks=tuple(rule for own, rule in tasks.named(before.tasks) if own != name))

    return form.ok and saving.save(form, account, SECTIONS, change, {})


def drawn(account: Account, rules: Configuration, form: Form, key: str) -> dict[str, object]:
    """What the template draws this part from."""
    when, now = _when(form), guard.context().now()
    source = _source(form)
    looked = shown.look(guard.context(), account.id, fields.TASK, source or builtin.TASKS[when], key)
    return {
        "task_rules": [_drawn(name, rule, account) for name, rule in tasks.named(rules.tasks)],
        "task_when": form.shown("task_when", when), "whens": CHOICES, "task_source": source,
        "task_usual": builtin.TASKS[when], "task_shown": looked, "task_fields": fields.of(fields.TASK),
        "task_count": counting.last_week(account.id, _typed(Form(form.values)), now),
        "users": _users(account),
    }  # fmt: skip


def _drawn(name: str, rule: TaskRule, account: Account) -> Drawn:
    pause = tasks.pause(rule)
    side = BEFORE if pause < timedelta() else AFTER if pause else ""
    count = counting.last_week(account.id, rule, guard.context().now())
    return Drawn(name, rule, rule.text or builtin.TASKS[rule.when], side, abs(pause), count)


def _typed(form: Form) -> TaskRule:
    """One number with its unit; «до визита» is a number below nought."""
    when, unit = _when(form), form.choice("task_unit", (HOURS, DAYS)) or HOURS
    most = YEARS if unit == DAYS else 24 * YEARS
    is_timed = when is not TaskWhen.PRICE_CHANGED  # a late price is told of at once
    amount = form.whole("task_amount", 0, most) if form.text("task_amount", is_required=is_timed) else 0
    amount = -amount if form.values.get("task_when") == BOOKED_BEFORE else amount
    days, hours = (amount, 0) if unit == DAYS else (0, amount)
    return TaskRule(when, days, hours, _source(form), form.number("task_user"))


def _when(form: Form) -> TaskWhen:
    chosen = form.choice("task_when", CHOICES)
    if chosen == BOOKED_BEFORE:
        return TaskWhen.BOOKED
    return TaskWhen(chosen) if chosen else TaskWhen.UNMARKED


def _source(form: Form) -> str:
    return form.values.get(SENT, "").replace("\r\n", "\n").strip()


def _users(account: Account) -> list[tuple[int, str]]:
    try:
        return [(user.id, user.name) for user in schemas.load(account.id).users if user.is_active]
    except TryLater:
        return []
