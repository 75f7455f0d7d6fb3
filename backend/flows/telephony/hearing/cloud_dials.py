"""Clicks on a number through a cloud PBX: the worker of calls claims each row and asks the cloud by HTTP."""

from __future__ import annotations

import json
import logging

from backend.core.errors import AppError, InvalidInput
from backend.core.reasons import Reason
from backend.flows.rules import configuration
from backend.flows.telephony.desk import dialling
from backend.flows.telephony.exchanges.kind_cloud import DIAL_ASKED, DIALS_LANE, connected
from backend.flows.work import Work
from backend.store.events import Closing
from backend.store.telephony import pbxes
from backend.store.telephony.dials import Dial
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

KIND, LANE = DIAL_ASKED, DIALS_LANE
CAUSES = {"extension_busy": 17, "unknown_extension": 1}
"""The cloud's word → the cause that the other kind of PBX would give."""
AWAY = "extension_offline"


def asked(work: Work) -> None:
    """The flow of `dial.asked`: the row is the truth. One that waited too long is never dialled."""
    for event in list(work.open.values()):
        pbx = pbxes.by_id(int(json.loads(event.body)["pbx_id"]))
        while dial := dialling.claim(work.ctx, pbx.id):
            _dial(work, pbx, dial)
        work.close([Closing(event.id, "done", Reason.MIRRORED)])


def _dial(work: Work, pbx: Pbx, dial: Dial) -> None:
    try:
        _send(work, pbx, dial)
    except InvalidInput as error:
        word = str(error.details.get("error", error.code))
        cause = CAUSES.get(word, 0)
        is_plain = bool(cause) or word == AWAY
        dialling.answered(work.ctx, dial.id, is_good=False, cause=cause, text="" if is_plain else word)
    except AppError as error:
        log.warning("cloud did not dial id=%d code=%s", dial.id, error.code)
        dialling.answered(work.ctx, dial.id, is_good=False, text=error.code)
    else:
        dialling.sent(work.ctx, dial.id)


def _send(work: Work, pbx: Pbx, dial: Dial) -> None:
    """Whose phone rings is said by the rules of now."""
    person = configuration.current(work.account_id).telephony.person_of(dial.user_id, pbx.code)
    if person is None or not pbx.is_on or pbx.is_removed:
        raise InvalidInput("dial.no_device")
    order = dialling.order_of(dial)
    connected(work.ctx, pbx).dial(person.extension, order.extension, dial.token)
