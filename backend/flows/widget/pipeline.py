"""A step of the digital pipeline «send to the bridge now»: a wish to look at a lead again, from whom nobody
knows.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from backend.flows.context import Context
from backend.flows.widget import recheck
from backend.flows.widget.widget import is_within
from backend.integrations.amocrm import pipeline as step
from backend.store import accounts

log = logging.getLogger(__name__)

MOST = 120  # steps of an account a minute; what is left out is found by the next reconcile
MINUTE = timedelta(minutes=1)


def asked(ctx: Context, body: bytes) -> int:
    """How many bookings are looked at again. Whatever the body says, a stranger learns and changes nothing:
    our own bookings are read from the salon and decided as ever.
    """
    found = step.read(body)
    account = accounts.by_crm_id(found.account_id) if found else None
    if found is None or account is None or account.state == "removed":
        return 0
    if found.subdomain != account.domain.partition(".")[0]:
        return 0
    if not is_within(ctx, f"pipeline:{account.id}", MOST, MINUTE):
        log.warning("pipeline steps left out account_id=%d", account.id)
        return 0
    return recheck.leads(ctx, account, found.lead_ids, recheck.PIPELINE)[1]
