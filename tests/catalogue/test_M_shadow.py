"""Row M10: a shadow that shows «explained: other category» in twelve bookings of a hundred."""

import pytest

from backend.core.takeover.gate import EVERYWHERE, Lack, Word
from backend.core.takeover.shadow import Diff
from backend.flows.rules import configuration
from backend.flows.takeover.beside import gate
from backend.store import takeover_diffs, takeover_verdicts
from backend.store.takeover_diffs import Asked
from backend.store.takeover_verdicts import About
from tests.support import shadow as shown
from tests.support.get8 import configuration as document
from tests.support.stand import CLEANING, COSMETOLOGY, EPILATION, LASER_ARMPITS, TVERSKAYA

BOOKINGS, OTHERS = 25, 3
DAY = 86_400


def ours(category_of_cleaning):
    """GET8 goes by the category alone; where ours leads the cleaning to is the customer's choice."""
    lines = {"epilation": ("[501, 503]", "[599]"), "cosmetology": ("[501]", "[503]")}[category_of_cleaning]
    text = document().replace("41001: [501], 41002", f"41001: {lines[0]}, 41002")
    text = text.replace("41001: [503]", f"41001: {lines[1]}")
    return text.replace("responsible_id: 7000002", "responsible_id: 7000001")


@pytest.fixture
def stand(new_get8):
    opened = new_get8()
    opened.configure(ours("epilation"))
    shown.begun(opened)
    opened.world.amocrm.journal_clear()
    return opened


def live(stand, first=0):
    """A day of the salon: cleanings among laser visits."""
    for n in range(first, first + BOOKINGS):
        service = CLEANING if n % 10 == 0 else LASER_ARMPITS
        stand.book(service, client=(f"Клиентка {n}", f"+7999000{n:04}"))
    shown.compared(stand)


def share(stand, rule):
    counts = takeover_diffs.counts(Asked(stand.account.id, TVERSKAYA))
    found = {one.rule: one.count for one in takeover_diffs.rules(Asked(stand.account.id, TVERSKAYA))}
    return 100 * found.get(rule, 0) // sum(counts.values())


def said(stand, rule, word):
    takeover_verdicts.say(
        stand.account.id, About(EVERYWHERE, Diff.EXPLAINED, rule), word, "Так и задумано", author="марина",
        version=configuration.number(stand.account.id), now=stand.now(),
    )  # fmt: skip


def opened(stand):
    return gate.of(stand.account.id, TVERSKAYA)


def test_M10_twelve_percent_by_another_category_wait_for_the_customers_word(stand):
    live(stand)
    shown.compared(stand, 8 * DAY)

    before = opened(stand)

    in_cosmetology = [lead for lead in stand.leads() if lead["pipeline_id"] == COSMETOLOGY]
    assert (len(stand.leads()), len(in_cosmetology)) == (BOOKINGS, OTHERS)
    assert share(stand, "category") == 12
    assert (before.is_open, before.reasons) == (False, (Lack.UNDECIDED,))

    for one in takeover_diffs.rules(Asked(stand.account.id, TVERSKAYA)):
        said(stand, one.rule, Word.APPROVED)

    assert opened(stand).is_open
    assert shown.our_writes(stand) == []


def test_M10_or_the_customer_changes_the_mapping_before_the_switch(stand):
    live(stand)
    shown.compared(stand, 8 * DAY)
    for one in takeover_diffs.rules(Asked(stand.account.id, TVERSKAYA)):
        said(stand, one.rule, Word.REJECTED)
    rejected = opened(stand)

    stand.configure(ours("cosmetology"))
    live(stand, first=100)
    shown.compared(stand, 8 * DAY)

    newest = [row for row in shown.diffs(stand) if row.version == configuration.number(stand.account.id)]
    assert rejected.reasons == (Lack.REJECTED,)
    assert {row.diff for row in newest} == {"equal"}
    assert opened(stand).is_open
    assert {lead["pipeline_id"] for lead in stand.leads()} == {EPILATION, COSMETOLOGY}
