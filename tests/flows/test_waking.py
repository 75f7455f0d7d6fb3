"""What wakes a decision: it speaks of the newest state, and a hook that was lost is made up for."""

from backend.flows.watch import rounds
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


def test_a_hook_that_came_after_its_successor_was_done_misleads_nobody(stand, caught_hooks, post_hook):
    with_automation(stand)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit(record, comment="Оплатит картой")
    stand.world.clock.advance(5)
    stand.mark(record, CAME)
    older, newer = caught_hooks()
    post_hook(newer)
    stand.pass_time(130)
    post_hook(older)

    stand.settle(600)

    assert "stale" in [event.reason for event in stand.events(record)]
    (next_lead,) = next_leads(stand)
    assert stand.value(next_lead, "MOSTIK_SALON") == ["Тверская"]


def test_the_automation_was_quicker_than_the_answer_to_our_success(stand):
    with_automation(stand)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.faults("reset_after_commit", domain=DOMAIN, next=1, match="PATCH /api/v4/leads")
    stand.mark(record, CAME)
    stand.work()
    stand.pass_time(130)
    stand.world.clock.advance(46)
    stand.world.deliver()  # the robot acts; our own work stands still
    assert len(next_leads(stand)) == 1

    stand.world.clock.advance(120)
    stand.settle(600)

    assert [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)] == [["Тверская"]]


def next_leads(stand):
    return [lead for lead in stand.leads() if lead["created_by"] == 0]


def won_with_lost_hooks(stand):
    with_automation(stand)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.hooks(loss=1.0)
    stand.mark(record, CAME)
    stand.settle(600)
    return record


def test_the_round_finds_the_lead_of_the_automation_whose_hook_was_lost(stand):
    won_with_lost_hooks(stand)
    before = [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)]

    rounds.look(stand.ctx, stand.account.id)
    stand.work()

    assert before == [[]]
    assert [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)] == [["Тверская"]]


def test_the_round_finds_it_when_we_stood_still_for_a_day(stand):
    won_with_lost_hooks(stand)
    stand.world.clock.advance(86_400)

    rounds.look(stand.ctx, stand.account.id)
    stand.work()

    assert [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)] == [["Тверская"]]


def test_a_booking_is_asked_once_an_hour_for_each_lead(stand):
    record = won_with_lost_hooks(stand)
    for _ in range(3):
        rounds.look(stand.ctx, stand.account.id)
        stand.work()

    assert len([event for event in stand.events(record) if event.source == "decision"]) == 1


def test_a_look_that_came_too_early_is_made_up_for(stand):
    """The first look finds nothing to do, as the rules were without the automation then."""
    won_with_lost_hooks(stand)
    rounds.look(stand.ctx, stand.account.id)
    stand.configure(CONFIGURATION.read_text(encoding="utf-8"))
    stand.work()
    too_early = [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)]

    with_automation(stand)
    stand.world.clock.advance(3600)
    rounds.look(stand.ctx, stand.account.id)
    stand.work()

    assert too_early == [[]]
    assert [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)] == [["Тверская"]]


def test_lead_of_a_robot_that_is_nobodys_business_wakes_nobody(stand):
    """Without an automation in the rules nothing is looked for."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.trigger(DOMAIN, on_pipeline=EPILATION, pipeline_id=EPILATION, stage_id=8100)
    stand.mark(record, CAME)
    stand.settle()

    rounds.look(stand.ctx, stand.account.id)
    stand.work()

    assert [stand.value(lead, "MOSTIK_SALON") for lead in next_leads(stand)] == [[]]
