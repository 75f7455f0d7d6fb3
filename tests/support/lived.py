"""A network that lived on GET8 for two years, in emulators of its own and read straight into the store; whose
deal is whose stands in the key that the generator keeps.
"""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from backend.flows.sync.mirror import person_keys
from backend.flows.takeover.reading import found
from backend.integrations.amocrm import parse as crm
from backend.store import accounts, connections, mirror, takeover_found
from backend.store.accounts import Tokens
from backend.store.connections import BranchSettings
from backend.store.takeover_found import FoundNote
from sandbox.amocrm.state import add_field
from sandbox.get8 import network
from sandbox.get8.history import invent
from sandbox.get8.past import Writer
from sandbox.get8.settings import Layout, Setup, Style
from sandbox.world import World

DOMAIN = "tri.amocrm.ru"
NOW = datetime.fromtimestamp(1_790_000_000, UTC)


@dataclasses.dataclass
class Lived:
    """`truth`: a booking's key → its lead or None, GET8's superfluous copies of that, what is peculiar."""

    account_id: int
    truth: dict[str, tuple[int | None, tuple[int, ...], str]]


@dataclasses.dataclass
class Filled:
    """Both emulators with two years in them; `layout` is what GET8 calls its fields here."""

    crm: dict[str, Any]
    records: list[dict[str, Any]]
    layout: Layout
    truth: dict[str, tuple[int | None, tuple[int, ...], str]]


def filled(style: str, records: int, seed: int = 1) -> Filled:
    world = World(seed=seed)
    amo, salons = world.amocrm, world.yclients
    amo.account(**network.account(DOMAIN))
    for salon in network.salons():
        salons.company(**salon)
    layout = Layout.by_seed(seed)
    for part, (name, kind) in layout.wanted(Style(style)).items():
        layout.ids[part] = add_field(amo.find(DOMAIN), "leads", {"name": name, "type": kind}).id
    setup = Setup.of(network.setup(DOMAIN, "http://get8.test", "http://amo", "http://yc", "secret"))
    verbs = [lambda verb, to=to, **given: getattr(to, verb)(**given) for to in (amo, salons)]
    past = invent(seed, records, NOW.timestamp())
    truth = Writer(*verbs, setup, layout, Style(style), NOW.timestamp(), seed=seed).write(past)
    answers = {
        f"yclients:{one.company_id}:{one.record_id}": (one.lead_id, tuple(one.copies), str(one.kind))
        for one in truth.answers
    }
    return Filled(amo.state(DOMAIN), salons.state()["records"], layout, answers)


def lived(style: str, records: int, seed: int = 1) -> Lived:
    """What the emulators hold is read into the store that is open."""
    known = filled(style, records, seed)
    account_id = _account()
    _keep_crm(account_id, known.crm)
    _keep_salons(account_id, known.records)
    return Lived(account_id, known.truth)


def _account():
    account = accounts.install(
        NOW, domain=DOMAIN, crm_id=31000005, name="Три салона", timezone="Europe/Moscow",
        user_id=network.ANNA, tokens=Tokens("access", "refresh", NOW),
    )  # fmt: skip
    connections.upsert(
        account.id,
        [
            BranchSettings(company, title, "observe", network.ZONES[company], user_token="salon-token")
            for company, title in network.TITLES.items()
        ],
    )
    return account.id


def _keep_crm(account_id, held):
    mirror.save_contacts(account_id, [crm.contact(row) for row in held["contacts"]], person_keys)
    mirror.save_leads(account_id, [crm.lead(row) for row in held["leads"]])
    notes = [
        FoundNote(
            row["id"], row["entity_id"], row["created_by"],
            datetime.fromtimestamp(row["created_at"], UTC), row["params"]["text"],
        )
        for row in held["notes"]
    ]  # fmt: skip
    takeover_found.save_notes(account_id, notes)


def _keep_salons(account_id, rows):
    for company, zone in network.ZONES.items():
        own = [row for row in rows if row["company_id"] == company]
        readable = found.of_rows(account_id, own, zone)
        assert not readable.unreadable
        takeover_found.save_many(account_id, readable.records)
