"""One form of the panel changes one part of the configuration."""

from dataclasses import replace

import pytest

from backend.core.errors import InvalidInput
from backend.core.rules.configuration import Mode
from backend.flows.rules import configuration, configuration_edit, schemas
from backend.store import events
from tests.support.stand import DOMAIN, PETR, TVERSKAYA, UNMAPPED, URAL
from tests.support.stand_fixtures import alarm_codes, stand

__all__ = ["alarm_codes", "stand"]


@pytest.fixture
def edit(stand):
    def edit(change, base=None, sections=("branches",), **more):
        base = configuration.number(stand.account.id) if base is None else base
        return configuration_edit.edit(stand.ctx, stand.account, base, sections, change, "Анна", **more)

    return edit


def renamed(title, company=URAL):
    def change(before):
        return replace(
            before,
            branches=tuple(
                replace(branch, title=title) if branch.company_id == company else branch
                for branch in before.branches
            ),
        )

    return change


def described(title):
    return lambda before: replace(
        before, directions=tuple(replace(d, title=d.title + title) for d in before.directions)
    )


def test_a_change_is_a_version(stand, edit):
    result = edit(renamed("Пермь"))

    assert result.number == 2
    assert [(d.path, d.old, d.new) for d in result.differences] == [
        (f"branches[{URAL}].title", "Урал", "Пермь")
    ]
    assert configuration.newest_version(stand.account.id).author == "Анна"


def test_nothing_changed_is_no_version(stand, edit):
    assert edit(lambda before: before).number is None
    assert configuration.number(stand.account.id) == 1


def test_a_version_saved_while_another_one_is_made_is_not_lost(stand, edit):
    def slowly(before):
        edit(described("!"), sections=("directions",))
        return renamed("Пермь")(before)

    with pytest.raises(InvalidInput) as caught:
        edit(slowly)

    assert (caught.value.code, caught.value.details["number"]) == ("configuration.changed_meanwhile", 2)
    assert configuration.number(stand.account.id) == 2
    assert edit(renamed("Пермь"), base=1).number == 3
    rules = configuration.current(stand.account.id)
    assert (rules.branch(URAL).title, rules.directions[0].title) == ("Пермь", "Эпиляция!")


def test_two_people_at_one_part_do_not_overwrite_each_other(stand, edit):
    edit(renamed("Пермь"))

    with pytest.raises(InvalidInput) as refused:
        edit(renamed("Омск"), base=1)

    assert refused.value.code == "configuration.changed_meanwhile"
    assert refused.value.details == {"author": "Анна", "number": 2}


def test_two_people_at_two_parts_do_not_disturb_each_other(stand, edit):
    edit(renamed("Пермь"))

    assert edit(described("!"), base=1, sections=("directions",)).number == 3
    assert configuration.current(stand.account.id).branch(URAL).title == "Пермь"


def test_what_does_not_fit_is_told_by_its_path_and_not_saved(stand, edit):
    result = edit(renamed("Тверская"))

    assert [(p.path, p.code) for p in result.problems] == [("branches[1].title", "configuration.duplicate")]
    assert configuration.number(stand.account.id) == 1


def test_a_user_whom_nobody_knows_is_refused_after_asking_the_crm(stand, edit):
    result = edit(
        lambda before: replace(
            before, branches=(replace(before.branches[0], responsible_id=5), *before.branches[1:])
        )
    )

    assert [(p.path, p.code) for p in result.problems] == [
        ("branches[0].responsible_id", "configuration.no_user")
    ]


def test_what_concerns_neither_fields_nor_salons_asks_nobody(stand, edit):
    before = stand.counts()

    edit(lambda now: replace(now, timezone="Asia/Omsk"), sections=("account",))
    edit(lambda now: replace(now, routes=now.routes[:-1]), sections=("routes",))

    assert stand.counts() == before


def test_a_new_title_reaches_the_list_of_the_field(stand, edit):
    edit(described("!"), sections=("directions",))

    field = next(field for field in stand.crm()["fields"] if field["code"] == "MOSTIK_DIRECTION")
    assert "Эпиляция!" in [enum["value"] for enum in field["enums"]]


def test_bookings_without_a_lead_go_again_even_when_the_process_dies_after_saving(stand, edit):
    edit(lambda now: replace(now, directions=tuple(replace(d, is_default=False) for d in now.directions)))
    record = stand.book(UNMAPPED)
    stand.settle()
    assert not stand.leads_of(record)

    edit(
        lambda now: replace(
            now, directions=tuple(replace(d, is_default=d.title == "Прочее") for d in now.directions)
        ),
        sections=("directions",),
    )
    stand.rung.clear()  # the doorbell is lost
    stand.settle()

    assert stand.lead_of(record)


def test_switching_a_salon_is_a_version_too(stand):
    configuration_edit.set_mode(stand.ctx, stand.account, TVERSKAYA, Mode.OFF, "Анна")

    assert configuration.current(stand.account.id).branch(TVERSKAYA).mode is Mode.OFF


def test_what_vanished_elsewhere_does_not_keep_a_form_from_being_saved(stand, edit):
    stand.world.amocrm.accounts[DOMAIN].users[PETR].is_active = False
    schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))

    assert edit(renamed("Пермь")).number == 2


def test_a_notice_stays_until_what_it_is_about_changes(stand, edit, alarm_codes):
    stand.book(UNMAPPED)
    stand.settle()
    before = alarm_codes()
    assert before

    edit(lambda now: replace(now, timezone="Asia/Omsk"), sections=("account",))
    assert alarm_codes() == before

    edit(described("!"), sections=("directions",))
    assert alarm_codes() == []


def test_what_decides_nothing_sends_no_booking_again(stand, edit):
    def ordered():
        return len(events.of_subject(stand.account.id, "configuration"))

    before = ordered()
    edit(lambda now: replace(now, timezone="Asia/Omsk"), sections=("account",))
    assert ordered() == before

    edit(renamed("Пермь"))
    assert ordered() == before + 1
