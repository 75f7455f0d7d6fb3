"""What a played history has left, as people and we see it."""

from collections import Counter

from tests.property.histories import state_of


def key_of(record):
    return f"yclients:{record['company_id']}:{record['id']}"


def keyed(player):
    """Leads by the whole value of their key field."""
    found = {}
    for lead in player.stand.leads():
        for key in player.stand.value(lead, "MOSTIK_KEY"):
            found.setdefault(key, []).append(lead)
    return found


def record_posts(stand, posted):
    send = stand.world.sender.post

    def post(url, body, headers, timeout):
        posted.append((url, body, headers))
        return send(url, body, headers, timeout)

    stand.world.sender.post = post


def everything(player):
    crm = player.stand.crm()
    notes = Counter((note["entity_id"], note["params"]["text"]) for note in crm["notes"])
    tasks = Counter((task["entity_id"], task["text"]) for task in crm["tasks"])
    return state_of(player), notes, tasks, len(crm["leads"])
