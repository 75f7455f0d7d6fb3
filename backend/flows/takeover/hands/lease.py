"""Handing a salon over: who writes for it and the mode that says so change in one transaction, as one more
version of the configuration.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from backend.core.rules import configuration_changes
from backend.core.rules.configuration import Mode
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.store import configs, connections, writers
from backend.store.writers import Writer, WriterName

log = logging.getLogger(__name__)


def hand_over(  # noqa: PLR0913 - a change of hands has two sides, an author and a time
    ctx: Context,
    account_id: int,
    company_id: int,
    before: WriterName,
    after: WriterName,
    *,
    author: str,
    note: str,
    t0: datetime | None = None,
) -> Writer:
    """InvalidInput when `before` does not write now. No booking is decided again because of this version:
    the catch-up asks for them itself, after it has looked for their leads.
    """
    now, mode = ctx.now(), Mode.ACTIVE if after is WriterName.OURS else Mode.OBSERVE
    upon = configuration.number(account_id)
    rules = configuration.current(account_id)
    known = rules.branch(company_id)
    branches = tuple(replace(b, mode=mode) if b.company_id == company_id else b for b in rules.branches)
    with configs.transaction():
        writer = writers.move(account_id, company_id, before, after, now, t0=t0)
        if known is not None and known.mode is not mode:
            document = configuration_changes.render(replace(rules, branches=branches))
            configs.save(account_id, document, author, note, now, upon)
            connections.set_mode(account_id, company_id, mode.value)
    log.info("salon handed over company_id=%d writer=%s fence=%d", company_id, after, writer.fence)
    return writer
