"""The control interface over HTTP: `POST /__control/ui/create` is `yclients.ui_create(**body)`, and so on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.yclients.errors import ApiError
from sandbox.yclients.models import JsonObject
from sandbox.yclients.routing import Reply

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

VERBS = frozenset(
    """reset company group partner user change_password seed_reference options limits faults hooks hooks_url
    hooks_list hooks_flush hooks_send hooks_pending load state journal counts owner_connect owner_remove
    deliver ui_create ui_edit ui_move ui_attendance ui_pay ui_delete ui_restore ui_client ui_merge_clients
    ui_refund ui_sell ui_withdraw ui_take_back ui_sell_abonement ui_delete_client
    ui_rename_category ui_move_service ui_delete_service""".split()  # noqa: SIM905 - easier to read
)
DELETES = {"journal": "journal_clear", "faults": "faults_clear"}
READS = frozenset({"state", "journal", "counts", "hooks_list", "hooks_pending", "options", "hooks", "limits"})
NUMBERS = ("since", "company_id")


def answer(yclients: "Yclients", method: str, path: str, query: dict[str, list[str]], body: Any) -> Reply:
    name = path.replace("/", "_")
    arguments = _arguments(method, query, body)
    try:
        if name == "clock":
            return Reply(200, _clock(yclients, arguments))
        result = _verb(yclients, method, name)(**arguments)
        return Reply(200, {} if result is None else result)
    except ApiError as error:
        return Reply(error.status, {"error": error.message, "errors": error.errors})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return Reply(400, {"error": repr(error)})


def _arguments(method: str, query: dict[str, list[str]], body: Any) -> JsonObject:
    if method == "GET":
        return {name: int(values[0]) if name in NUMBERS else values[0] for name, values in query.items()}
    return dict(body) if isinstance(body, dict) else {}


def _verb(yclients: "Yclients", method: str, name: str) -> Callable[..., Any]:
    if method == "DELETE" and name in DELETES:
        name = DELETES[name]
    elif name not in VERBS or (method == "GET" and name not in READS):
        raise ApiError(404, f"no such verb: {method} {name}")
    found: Callable[..., Any] = getattr(yclients, name)
    return found


def _clock(yclients: "Yclients", arguments: JsonObject) -> JsonObject:
    clock = yclients.world.clock
    if "advance" in arguments:
        clock.advance(float(arguments["advance"]))
    if "offset" in arguments:
        clock.set_offset(float(arguments["offset"]))
    return {"now": clock.now(), "offset": clock.offset}
