"""Small collections: tasks, tags, events and widgets."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Check, Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.directories import require_admin
from sandbox.amocrm.entities import tag_id
from sandbox.amocrm.http import Reply, Request, brackets, hal, no_content, refusal, route
from sandbox.amocrm.journal_events import Event, event_model, is_of_kind
from sandbox.amocrm.lists import answer, order_of
from sandbox.amocrm.models import Task
from sandbox.amocrm.views import task_model

TASK_KEYS = {
    "id": "int", "text": "string", "complete_till": "time", "entity_id": "int?", "entity_type": "string?",
    "task_type_id": "int", "responsible_user_id": "int", "duration": "int", "created_by": "int",
    "updated_by": "int", "created_at": "time", "updated_at": "time", "is_completed": "bool",
    "result": "object", "request_id": "string",
}  # fmt: skip
PLAIN = ("responsible_user_id", "duration", "task_type_id", "complete_till", "is_completed")


def _task(request: Request, task: Task) -> Json:
    return {**task_model(request.account, task), "_links": request.links(f"tasks/{task.id}")}


@route("GET", "tasks")
def tasks(request: Request) -> Reply:
    field, descending = order_of(request, ("id", "created_at", "complete_till"))
    wanted: dict[str, set[str]] = {}
    for key, value in request.pairs:
        if key.startswith("filter["):
            wanted.setdefault(key[7:].partition("]")[0], set()).add(value)
    rows = [task for task in request.account.tasks.rows.values() if _is_wanted(task, wanted)]
    rows.sort(key=lambda task: (getattr(task, field), task.id), reverse=descending)
    return answer(request, "tasks", rows, lambda task: _task(request, task))


def _is_wanted(task: Task, wanted: dict[str, set[str]]) -> bool:
    known = {
        "id": str(task.id),
        "responsible_user_id": str(task.responsible_user_id),
        "is_completed": str(int(task.is_completed)),
        "task_type": str(task.task_type_id),
        "entity_type": str(task.entity_type),
        "entity_id": str(task.entity_id),
    }
    return all(known[name] in values for name, values in wanted.items() if name in known)


@route("GET", "tasks/#")
def task_read(request: Request) -> Reply:
    task = request.account.tasks.get(request.ids[0])
    return hal(_task(request, task)) if task is not None else no_content()


@route("POST", "tasks")
def tasks_created(request: Request) -> Reply:
    items, account = items_of(request), request.account
    prepared(items, lambda item, check: _check_task(request, item, check, is_new=True))
    rows = []
    for place, item in enumerate(items):
        now = account.now
        task = Task(
            id=request.crm.new_id("task"),
            name="",
            created_at=item.get("created_at", now),
            updated_at=now,
            created_by=item.get("created_by", request.user_id),
            responsible_user_id=request.user_id,
            entity_id=item.get("entity_id"),
            entity_type=item.get("entity_type"),
        )
        account.tasks.add(task, ("", ""), request.crm.search_now())
        _keep(request, task, item)
        links = request.links(f"tasks/{task.id}")
        rows.append({"id": task.id, "request_id": request_id(item, place), "_links": links})
    return hal({"_links": request.links("tasks"), "_embedded": {"tasks": rows}}, rows=len(rows))


def _check_task(request: Request, item: Json, check: Check, is_new: bool) -> None:
    account = request.account
    check.shape(item, TASK_KEYS)
    for key in ("text", "complete_till"):
        if is_new and item.get(key) in (None, ""):
            check.refuse("NotBlank" if key in item else "FieldMissing", key)
    check.choice("responsible_user_id", item.get("responsible_user_id"), account.users)
    kind, entity_id = item.get("entity_type"), item.get("entity_id")
    check.choice("entity_type", kind, ("leads", "contacts", "companies"))
    if kind in {"leads", "contacts", "companies"} and getattr(account, kind).get(entity_id) is None:
        check.refuse("NotSupportedChoice", "entity_id")


def _keep(request: Request, task: Task, item: Json) -> None:
    for key in PLAIN:
        if key in item:
            setattr(task, key, item[key])
    task.name = item.get("text", task.name)
    task.result = (item.get("result") or {}).get("text", task.result)
    task.updated_by = request.user_id
    request.account.tasks.touch(task, request.account.now, ("", ""), request.crm.search_now())


@route("PATCH", "tasks")
def tasks_changed(request: Request) -> Reply:
    items = items_of(request)
    rows = _change(request, items, [item.get("id") for item in items])
    return hal({"_links": request.links("tasks"), "_embedded": {"tasks": rows}}, rows=len(rows))


@route("PATCH", "tasks/#")
def task_changed(request: Request) -> Reply:
    return hal(_change(request, [object_of(request)], request.ids)[0], rows=1)


def _change(request: Request, items: list[Json], ids: list[Any]) -> list[Json]:
    known = request.account.tasks
    left = iter(ids)

    def prepare(item: Json, check: Check) -> None:
        check.choice("id", next(left) or 0, known.rows)
        _check_task(request, item, check, is_new=False)

    prepared(items, prepare)
    rows = []
    for place, (item, row_id) in enumerate(zip(items, ids, strict=True)):
        task = known.rows[row_id]
        _keep(request, task, item)
        links = request.links(f"tasks/{task.id}")
        named = {"id": task.id, "updated_at": task.updated_at, "request_id": request_id(item, place)}
        rows.append({**named, "_links": links})
    return rows


def tags(request: Request) -> Reply:
    known = request.account.tags[request.path.strip("/").split("/")[0]]
    query, name = request.query.get("query", "").lower(), request.query.get("filter[name]")
    rows = [tag for tag in known.values() if query in tag.name.lower() and name in (None, tag.name)]
    return answer(request, "tags", rows, lambda tag: {"id": tag.id, "name": tag.name, "color": tag.color})


def tags_created(request: Request) -> Reply:
    entity = request.path.strip("/").split("/")[0]
    items, rows = items_of(request), []
    shape = {"name": "string", "color": "string?", "request_id": "string"}
    prepared(items, lambda item, check: check.shape(item, shape))
    for place, item in enumerate(items):
        number = tag_id(request.account, entity, item)
        tag = request.account.tags[entity][number]
        rows.append(
            {"id": number, "name": tag.name, "color": tag.color, "request_id": request_id(item, place)}
        )
    return hal({"_total_items": len(rows), "_embedded": {"tags": rows}}, rows=len(rows))


for _entity in ("leads", "contacts"):
    route("GET", f"{_entity}/tags")(tags)
    route("POST", f"{_entity}/tags")(tags_created)


@route("GET", "events")
def events(request: Request) -> Reply:
    """The newest first; filters by type, entity, author and moment."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for key, value in request.pairs:
        steps = brackets(key)
        if steps[0] == "filter" and len(steps) > 1:
            asked.setdefault(steps[1], []).append(("".join(steps[2:3]), value))
    rows = (event for event in reversed(request.account.events) if _is_asked(event, asked))
    return answer(request, "events", rows, lambda event: _event(request, event), 100)


def _is_asked(event: Event, asked: dict[str, list[tuple[str, str]]]) -> bool:
    wanted = {name: {value for _step, value in given} for name, given in asked.items()}
    known = {
        "id": event.id,
        "entity": event.entity,
        "entity_id": str(event.entity_id),
        "created_by": str(event.author),
    }
    if any(known[name] not in values for name, values in wanted.items() if name in known):
        return False
    if not is_of_kind(event, wanted.get("type", set())):
        return False
    ends = {step: int(value) for step, value in asked.get("created_at", ()) if value.isdigit()}
    after = ends.get("from", ends.get("", 0))
    return after <= event.at <= ends.get("to", event.at)


def _event(request: Request, event: Event) -> Json:
    return {**event_model(request.account, event), "_links": request.links(f"events/{event.id}")}


def _widget(request: Request, code: str) -> Json:
    settings = request.account.widgets[code]
    return {
        "id": settings["id"],
        "code": code,
        "version": "1.0.0",
        "rating": "0",
        "settings_template": [],
        "is_lead_source": False,
        "is_work_with_dp": False,
        "is_crm_template": False,
        "client_uuid": settings["client_id"],
        "is_active_in_account": True,
        "pipeline_id": None,
        "settings": settings["settings"],
        "_links": request.links(f"widgets/{code}"),
    }


@route("GET", "widgets")
def widgets(request: Request) -> Reply:
    return answer(request, "widgets", list(request.account.widgets), lambda code: _widget(request, code))


@route("GET", "widgets/*")
def widget_read(request: Request) -> Reply:
    if request.word not in request.account.widgets:
        raise refusal(404, "Widget not found")
    return hal(_widget(request, request.word))


@route("POST", "widgets/*")
def widget_installed(request: Request) -> Reply:
    require_admin(request)
    number = request.crm.new_id("widget")
    request.account.widgets[request.word] = {
        "id": number,
        "client_id": request.grant.client_id,
        "settings": object_of(request),
    }
    return hal(_widget(request, request.word), rows=1)


@route("DELETE", "widgets/*")
def widget_removed(request: Request) -> Reply:
    require_admin(request)
    if request.account.widgets.pop(request.word, None) is None:
        raise refusal(404, "Widget not found")
    return no_content()
