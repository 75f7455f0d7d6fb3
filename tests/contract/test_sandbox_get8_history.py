"""The network's past: the same from the same seed, told to nobody, and with a key that the emulators lack."""

from collections import Counter

import pytest

from sandbox.amocrm.state import add_field
from sandbox.get8 import network
from sandbox.get8.history import invent
from sandbox.get8.past import Kind, Writer, known_to_get8
from sandbox.get8.settings import Layout, Setup, Style
from sandbox.world import World

DOMAIN = "tri.amocrm.ru"
RECORDS = 1500
DAY = 86_400


class Filled:
    """Both emulators with a past in them."""

    def __init__(self, style=Style.FIELD, seed=1):
        self.world = World(seed=seed)
        crm, salons = self.world.amocrm, self.world.yclients
        crm.account(**network.account(DOMAIN))
        for salon in network.salons():
            salons.company(**salon)
            salons.hooks_url(salon["id"], ["http://nobody.test/hook"])
        self.layout = Layout.by_seed(seed)
        for part, (name, kind) in self.layout.wanted(style).items():
            made = add_field(crm.find(DOMAIN), "leads", {"name": name, "type": kind})
            self.layout.ids[part] = made.id
        setup = Setup.of(network.setup(DOMAIN, "http://get8.test", "http://amo", "http://yc", "secret"))
        self.now = 1_790_000_000
        self.past = invent(seed, RECORDS, self.now)
        verbs = [lambda verb, to=to, **given: getattr(to, verb)(**given) for to in (crm, salons)]
        self.truth = Writer(*verbs, setup, self.layout, style, self.now, seed=seed).write(self.past)
        self.leads = {lead["id"]: lead for lead in crm.state(DOMAIN)["leads"]}
        self.records = {record["id"]: record for record in salons.state()["records"]}

    def value(self, lead_id, part):
        rows = self.leads[lead_id]["custom_fields_values"] or []
        return [row["values"][0]["value"] for row in rows if row["field_id"] == self.layout.ids[part]]


@pytest.fixture(scope="module")
def filled():
    return Filled()


def test_every_record_and_every_deal_is_in_the_key_once(filled):
    named = [lead for a in filled.truth.answers for lead in [a.lead_id, *a.copies] if lead is not None]

    assert {a.record_id for a in filled.truth.answers} == set(filled.records)
    assert len(filled.truth.answers) == RECORDS
    assert sorted([*named, *filled.truth.orphans]) == sorted(filled.leads)


def test_deals_carry_the_ids_of_their_records(filled):
    marked = [a for a in filled.truth.answers if a.lead_id is not None]

    assert all(filled.value(a.lead_id, "record") == [str(a.record_id)] for a in marked)
    assert all(filled.leads[a.lead_id]["created_by"] == network.ROBOT_USER for a in marked)


def test_all_that_happens_in_two_years_has_happened(filled):
    kinds = Counter(answer.kind for answer in filled.truth.answers)
    homes = Counter(answer.company_id for answer in filled.truth.answers)
    several = [person for person in filled.past.people if len(person.clients) > 1]
    ahead = [answer for answer in filled.truth.answers if answer.starts_at > filled.now]

    assert set(kinds) == set(Kind)
    assert set(homes) == set(network.TITLES)
    assert several
    assert len(ahead) > 10
    assert any(record["deleted"] for record in filled.records.values())


def test_the_past_is_told_to_nobody(filled):
    account = filled.world.amocrm.find(DOMAIN)

    assert (account.events, filled.world.timers) == ([], 0)
    assert filled.world.yclients.hooks_pending() == []


def test_a_copy_looks_like_its_deal_and_was_never_touched(filled):
    copied = [a for a in filled.truth.answers if a.kind is Kind.COPIED]

    for answer in copied:
        deal, copy = filled.leads[answer.lead_id], filled.leads[answer.copies[0]]
        assert filled.value(deal["id"], "record") == filled.value(copy["id"], "record")
        assert copy["updated_at"] - copy["created_at"] == 0
        assert deal["updated_by"] == network.GLEB


def test_the_same_seed_gives_the_same_past(filled):
    again = invent(1, RECORDS, filled.now)

    assert [one.wall for one in again.bookings] == [one.wall for one in filled.past.bookings]


def test_get8_s_own_database_knows_what_may_still_change(filled):
    rows = known_to_get8(filled.past, filled.truth, filled.now - 30 * DAY)

    assert rows
    assert all(filled.leads[row["lead_id"]]["created_by"] == network.ROBOT_USER for row in rows)


@pytest.mark.parametrize("style", [Style.NOTE, Style.NONE])
def test_other_styles_keep_ids_out_of_the_fields(style):
    filled = Filled(style)
    notes = filled.world.amocrm.state(DOMAIN)["notes"]
    texts = " ".join(note["params"]["text"] for note in notes)
    answer = next(a for a in filled.truth.answers if a.lead_id is not None)

    assert "record" not in filled.layout.ids
    assert str(answer.record_id) not in str(filled.leads[answer.lead_id])
    assert (str(answer.record_id) in texts) is (style is Style.NOTE)


def test_a_lead_in_an_unknown_stage_is_refused(filled):
    row = {"name": "x", "pipeline_id": network.EPILATION, "status_id": 1, "created_at": 1, "created_by": 0}

    with pytest.raises(ValueError, match="no stage"):
        filled.world.amocrm.load(DOMAIN, leads=[row])
