"""Bookings of several directions: open leads that wait for one, the main lead and its satellites."""

from tests.support.stand import COSMETOLOGY, EPILATION

HYBRID = {"multi_category": "hybrid"}
BOOKED, CONFIRMED, WON, LOST = 8101, 8102, 142, 143
EPIL_NEW, COSM_NEW, COSM_BOOKED = 8100, 8200, 8201
NOBODY = None


def satellite_of(stand, record, direction="cosmetology"):
    key = f"yclients:{record['company_id']}:{record['id']}#{direction}"
    found = [lead for lead in stand.leads() if stand.value(lead, "MOSTIK_KEY") == [key]]
    assert len(found) <= 1
    return found[0] if found else NOBODY


def again(stand, lead):
    return next(one for one in stand.leads() if one["id"] == lead["id"])


def prices(*leads):
    return [lead["price"] for lead in leads]


def waiting(stand):
    """Open leads of the person in both directions, as automations leave them."""
    epilation = stand.open_lead(EPILATION, EPIL_NEW)
    contact = stand.contacts()[0]["id"]
    cosmetology = stand.open_lead(COSMETOLOGY, COSM_NEW, client=contact)
    stand.work()
    return epilation, cosmetology
