"""Catching up with the CRM: what a burst has left behind is not read again, and nothing new is left out."""

from backend.core import phones
from backend.flows.sync import mirror
from backend.store import mirror as index

PAGE = 250
PEOPLE = 600


def person(n):
    return {"name": f"Клиент {n}", "phones": [f"+7901{n:07d}"]}


def make_people(stand, numbers):
    for n in numbers:
        stand.world.amocrm.ui_contact("lotos.amocrm.ru", user_id=7000001, **person(n))


def catch_up(stand):
    before = stand.counts()["total"]
    mirror.refresh(stand.account.id, mirror.CONTACTS, stand.ctx.amo(stand.account.id))
    return stand.counts()["total"] - before


def known(stand, n):
    wanted = phones.key(person(n)["phones"][0])
    return wanted in index.contacts_by_keys(stand.account.id, [wanted])


def test_what_was_read_a_moment_ago_is_not_read_again(stand):
    stand.world.amocrm.hooks(loss=1.0)
    make_people(stand, range(PEOPLE))
    first = catch_up(stand)
    make_people(stand, [PEOPLE])

    second = catch_up(stand)

    assert (first, second) == (3, 1)
    assert known(stand, PEOPLE)


def test_everything_newer_than_the_mark_is_read_though_hooks_told_of_the_newest(stand):
    catch_up(stand)
    stand.pass_time(120)
    stand.world.amocrm.hooks(loss=1.0)
    make_people(stand, range(PAGE))
    stand.pass_time(1)
    stand.world.amocrm.hooks(loss=0.0)
    make_people(stand, range(PAGE, 2 * PAGE))
    stand.work()
    assert not known(stand, 0)

    catch_up(stand)

    assert known(stand, 0)
