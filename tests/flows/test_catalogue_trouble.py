"""One salon's trouble with its catalogue is its own."""

import json

from backend.store import connections, events
from tests.support.stand import TVERSKAYA, URAL


def test_salon_whose_token_died_does_not_keep_the_other_from_reading_its_catalogue(stand):
    yclients = stand.world.yclients
    yclients.change_password("salon-token", "another-token")
    yclients.user("ural-token", companies=[URAL])
    connections.BranchRow.update(user_token="ural-token").where(
        connections.BranchRow.company_id == URAL
    ).execute()

    for company in (TVERSKAYA, URAL):
        event = {"company_id": company, "resource": "service", "resource_id": 5, "status": "update"}
        body = json.dumps({**event, "data": {"id": 5}})
        secret = connections.get(stand.account.id, company).hook_secret
        stand.app.test_client().post(f"/hooks/yclients/{secret}", data=body)
    stand.work()

    found = events.page(stand.account.id, events.Filters(kind="yclients.catalogue"))
    status = {event.branch_id: event.status for event in found}
    assert status[connections.get(stand.account.id, TVERSKAYA).id] == "blocked"
    assert status[connections.get(stand.account.id, URAL).id] == "done"
