"""Lists: pages, orders, search and the filters that work only where they are paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from sandbox.amocrm.checks import Json
from sandbox.amocrm.http import Reply, Request, brackets, hal, no_content, refusal
from sandbox.amocrm.index import Row, Table
from sandbox.amocrm.values import filterable, is_number

DEFAULT_LIMIT = 50
MAX_LIMIT = 250
Test = Callable[[Any], bool]
MANY = {"id", "name", "created_by", "updated_by", "responsible_user_id", "pipeline_id"}
RANGES = {"created_at", "updated_at", "closed_at", "price"}
LEADS_ONLY = {"pipeline_id", "statuses", "closed_at", "price"}


def page_of(request: Request, most: int = MAX_LIMIT) -> tuple[int, int]:
    query = request.query
    try:
        page, limit = int(query.get("page", 1)), int(query.get("limit", DEFAULT_LIMIT))
    except ValueError:
        raise refusal(400, "Invalid page or limit") from None
    return max(page, 1), min(max(limit, 1), most)


def answer(
    request: Request, name: str, rows: Iterable[Any], show: Callable[[Any], Json], most: int = MAX_LIMIT
) -> Reply:
    """One page of rows; an empty page is 204, and `next` may be promised although nothing follows."""
    page, limit = page_of(request, most)
    found = list(islice(rows, (page - 1) * limit, page * limit + 1))
    if not found:
        return no_content()
    more = len(found) > limit or (request.crm.lying_next and len(found) == limit)
    links = {"self": {"href": _page_link(request, page)}}
    if more or request.crm.lying_next:
        links["next"] = {"href": _page_link(request, page + 1)}
    if page > 1:
        links["first"] = {"href": _page_link(request, 1)}
        links["prev"] = {"href": _page_link(request, page - 1)}
    return hal({"_page": page, "_links": links, "_embedded": {name: [show(row) for row in found[:limit]]}})


def counted(request: Request, name: str, rows: list[Json], page_count: int = 1) -> Reply:
    """A list that tells its total, as the small directories do."""
    links = request.links(request.path)
    body = {"_total_items": len(rows), "_page": 1, "_page_count": page_count, "_links": links}
    return hal({**body, "_embedded": {name: rows}})


def _page_link(request: Request, page: int) -> str:
    _page, limit = page_of(request)
    asked = [(key, value) for key, value in request.pairs if key not in {"page", "limit"}]
    rest = "".join(f"&{quote(key, safe='[]')}={quote(value)}" for key, value in asked)
    return f"{request.href(request.path)}?limit={limit}&page={page}{rest}"


def order_of(request: Request, allowed: Iterable[str]) -> tuple[str, bool]:
    """The last known order wins; an unknown one is ignored."""
    field, descending = "id", False
    for key, value in request.pairs:
        steps = brackets(key)
        if steps[0] == "order" and len(steps) == 2 and steps[1] in set(allowed):
            field, descending = steps[1], value.lower() == "desc"
    return field, descending


def select(request: Request, table: Table[Any]) -> Iterator[Any]:
    """Rows of a table in the asked order, narrowed by `query` and by filters when the account has them."""
    field, descending = order_of(request, table.orders)
    crm = request.crm
    now = crm.search_now()
    tests = filters_of(request) if request.account.filter_enabled else []
    query = request.query.get("query", "")
    rows: Iterable[Any]
    if query:
        rows = _ordered(table.found(query, now, crm.search_lag), field, descending)
    elif tests and (chosen := _by_index(request, table)) is not None:
        rows = _ordered(chosen, field, descending)
    else:
        rows = table.sorted(field, descending)
    lag = crm.search_lag if query or tests else crm.list_lag
    if lag:
        rows = (row for row in rows if _is_visible(row, now, lag, field))
    for test in tests:
        rows = filter(test, rows)
    return iter(rows)


def _ordered(rows: list[Row], field: str, descending: bool) -> list[Row]:
    return sorted(rows, key=lambda row: (getattr(row, field), row.id), reverse=descending)


def _is_visible(row: Row, now: float, lag: float, field: str) -> bool:
    """A lagging list does not know new rows, nor, when it goes by change, rows that have just changed."""
    return now - row.born >= lag and (field != "updated_at" or now - row.changed >= lag)


def _by_index(request: Request, table: Table[Any]) -> list[Any] | None:
    """Rows by the first filter that an index answers; None when there is none."""
    wanted: dict[str, list[str]] = {}
    for key, value in request.pairs:
        steps = brackets(key)
        if steps[0] != "filter" or len(steps) < 2:
            continue
        if steps[1] == "id":
            wanted.setdefault("id", []).append(value)
        elif _is_exact_value(steps):
            wanted.setdefault(steps[2], []).append(value)
    for name, values in wanted.items():
        if name == "id":
            return [row for value in set(values) if value.isdigit() and (row := table.get(int(value)))]
        found = {row.id: row for value in values for row in table.with_value(int(name), value)}
        return list(found.values())
    return None


def _is_exact_value(steps: list[str]) -> bool:
    named = steps[1] == "custom_fields_values" and len(steps) >= 3 and steps[2].isdigit()
    return named and (len(steps) == 3 or steps[3] not in {"from", "to"})


def filters_of(request: Request) -> list[Test]:
    """Every filter we know becomes a test of a row; an unknown one is ignored without a word."""
    groups: dict[tuple[str, ...], list[tuple[list[str], str]]] = {}
    for key, value in request.pairs:
        steps = brackets(key)
        if steps[0] == "filter" and len(steps) >= 2:
            name = tuple(steps[1:3]) if steps[1] == "custom_fields_values" else (steps[1],)
            groups.setdefault(name, []).append((steps[2:], value))
    of_leads = request.path.startswith("leads")
    tests = [_test(name, given) for name, given in groups.items() if of_leads or name[0] not in LEADS_ONLY]
    return [test for test in tests if test is not None]


def _test(name: tuple[str, ...], given: list[tuple[list[str], str]]) -> Test | None:
    if name[0] in MANY:
        read = attrgetter(name[0])
        values = {int(value) if value.isdigit() and name[0] != "name" else value for _steps, value in given}
        return lambda row: read(row) in values
    if name[0] in RANGES:
        return _range(name[0], given)
    if name[0] == "statuses":
        return _statuses(given)
    if name[0] == "custom_fields_values" and len(name) == 2 and name[1].isdigit():
        return _custom_field(int(name[1]), given)
    return None


def _bounds(given: list[tuple[list[str], str]]) -> tuple[float, float] | None:
    """None when neither end is given: a bare number finds nothing (issue 358)."""
    ends = {
        steps[-1]: float(value)
        for steps, value in given
        if steps and steps[-1] in {"from", "to"} and is_number(value)
    }
    return (ends.get("from", float("-inf")), ends.get("to", float("inf"))) if ends else None


def _range(name: str, given: list[tuple[list[str], str]]) -> Test:
    bounds = _bounds(given)
    if bounds is None:
        return lambda _row: False
    low, high = bounds
    return lambda row: (number := getattr(row, name)) is not None and low <= number <= high


def _statuses(given: list[tuple[list[str], str]]) -> Test:
    pairs: dict[str, dict[str, str]] = {}
    for steps, value in given:
        if len(steps) == 2:
            pairs.setdefault(steps[0], {})[steps[1]] = value
    names = ("pipeline_id", "status_id")
    wanted = {
        tuple(int(pair[name]) for name in names)
        for pair in pairs.values()
        if all(pair.get(name, "").isdigit() for name in names)
    }
    read = attrgetter(*names)
    return lambda row: read(row) in wanted


def _custom_field(field_id: int, given: list[tuple[list[str], str]]) -> Test:
    bounds = _bounds([(steps, value) for steps, value in given if steps])
    if bounds is not None:
        low, high = bounds
        return lambda row: any(low <= float(value["value"]) <= high for value in row.fields.get(field_id, ()))
    values = {value for _steps, value in given}
    return lambda row: any(filterable(value) in values for value in row.fields.get(field_id, ()))
