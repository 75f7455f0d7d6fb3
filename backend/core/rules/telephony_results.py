"""What an account's own provider means by dial statuses and hangup causes, as a part of the document."""

from __future__ import annotations

from backend.core.rules.document import Node, refuse_repeats
from backend.core.rules.telephony_dialling import maybe, one_of
from backend.core.telephony.rules import Result, ResultRule

DIAL_STATUSES = ("BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL")
WHEN = ("dial_status", "cause")
MOST, MOST_CAUSE = 50, 127


def results(node: Node) -> tuple[ResultRule, ...]:
    items = node.items()
    if len(items) > MOST:
        node.complain("configuration.too_many_items", most=MOST)
    found = [(item, _result(item)) for item in items[:MOST]]
    refuse_repeats(((one.dial_status, one.cause), item.child("result", None)) for item, one in found)
    return tuple(one for _, one in found)


def _result(node: Node) -> ResultRule:
    """A status or a cause has to be named: a rule for everything would take every other result away."""
    table = node.table("dial_status", "cause", "result")
    found = ResultRule(
        table.need("result", lambda child: child.choice(Result)) or Result.NO_ANSWER,
        table.get("dial_status", maybe(one_of(*DIAL_STATUSES)), ""),
        table.optional("cause", lambda child: child.whole(0, MOST_CAUSE)),
    )
    if not any(table.members[name].value not in ("", None) for name in WHEN if name in table.members):
        node.child("dial_status", None).complain("telephony.result_of_all")
    return found
