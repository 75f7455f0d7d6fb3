"""A decision that wakes another one speaks of the newest state, whatever arrived last."""

from tests.support.stand import CONFIGURATION, DOMAIN, EPILATION, LASER_ARMPITS

ROUTE = "direction: epilation, pipeline: 8001,"
CAME = 1


def with_automation(stand):
    """After a success in «Эпиляция» amoCRM opens the next lead, and the configuration says where."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    stand.configure(text.replace(ROUTE, f"{ROUTE} trigger: {{pipeline: 8001, stage: 8100}},"))
    stand.world.amocrm.trigger(DOMAIN, on_pipeline=EPILATION, pipeline_id=EPILATION, stage_id=8100, delay=45)


def test_the_automations_lead_is_known_although_hooks_overtook_one_another(stand, caught_hooks, post_hook):
    with_automation(stand)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, CAME)
    stand.world.clock.advance(5)
    stand.edit(record, comment="Оплатила картой")
    older, newer = caught_hooks()
    post_hook(newer)
    post_hook(older)

    stand.settle(600)

    (next_lead,) = [lead for lead in stand.leads() if lead["created_by"] == 0]
    assert stand.value(next_lead, "MOSTIK_SALON") == ["Тверская"]
    assert "stale" not in {event.reason for event in stand.events(record) if event.source == "decision"}
