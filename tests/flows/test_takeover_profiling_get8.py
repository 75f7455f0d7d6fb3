"""The profile of a network that lived on GET8: what is recognised is held against the generator's own key."""

import pytest

from backend.core.takeover import marks
from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.profile import profiling, recognition
from backend.flows.works import long_work
from backend.store import lanes, long_works, mirror, takeover_found
from sandbox.get8 import network
from sandbox.get8.settings import Style
from tests.support.lived import lived

RECORDS = 400


@pytest.fixture
def profiled(stand):
    def measure(style, seed):
        network_ = lived(style, RECORDS, seed)
        profiling.start(stand.ctx, network_.account_id, "irina")
        while long_work.run(stand.ctx, lanes.lane_id(network_.account_id, long_work.LANE)):
            pass
        assert long_works.newest(network_.account_id, profiling.KIND).state == "done"
        return network_, profiling.measured(network_.account_id), recognition.load(network_.account_id)

    return measure


def read_with(known, account_id):
    """Lead → the number of the record that it bears, read as matching reads it."""
    leads = mirror.leads_portion(account_id, 0, 10 * RECORDS)
    notes = takeover_found.notes_of(account_id, [lead.id for lead in leads])
    return {
        lead.id: marks.ids(What.RECORD_ID, lead, known, [note.text for note in notes.get(lead.id, ())])
        for lead in leads
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("style", "kind"), [(Style.FIELD, Kind.FIELD), (Style.URL, Kind.URL), (Style.NOTE, Kind.NOTE)]
)
def test_marks_are_recognised_and_lead_to_the_right_records(profiled, style, kind, seed):
    network_, _, known = profiled(style, seed)
    place = known.holding(What.RECORD_ID)[0]
    wanted = {
        lead: int(key.rpartition(":")[2])
        for key, (lead, copies, _) in network_.truth.items()
        for lead in (lead, *copies)
        if lead is not None
    }
    read = read_with(known, network_.account_id)

    assert place.kind is kind
    assert place.share >= 0.95
    assert known.writer_ids == {network.ROBOT_USER}
    wrong = [lead for lead, number in wanted.items() if read[lead] and number not in read[lead]]
    assert wrong == []
    assert sum(1 for lead in wanted if read[lead]) >= 0.95 * len(wanted)


@pytest.mark.parametrize("style", list(Style))
def test_what_get8_does_is_seen_in_every_style(profiled, style):
    _, found, known = profiled(style, 1)
    habits = found.behaviour

    usual = {salon: people.most_common(1)[0][0] for (salon, _), people in habits.learned.people.items()}
    assert usual == network.RESPONSIBLE
    for (_, category), pipelines in habits.learned.categories.items():
        where = network.EPILATION if category % 100 == 1 else network.COSMETOLOGY
        assert pipelines.most_common(1)[0][0] == where
    assert known.writer_ids == {network.ROBOT_USER}
    assert bool(known.holding(What.RECORD_ID)) == (style is not Style.NONE)
    assert {What.DATE, What.STAFF, What.SALON, What.SERVICE_TITLES} <= {one.what for one in known.places}
    assert all(isinstance(one, Place) and one.share >= 0.9 for one in known.places)
