"""A creation without an answer: the person it may have made is in doubt, and nobody else makes them
meanwhile.
"""

from tests.support.stand import DOMAIN, LASER_ARMPITS, LASER_LEGS, URAL, URAL_LASER, URAL_MASTER

PERSON = ("Мария", "+79990000001")


def test_second_booking_of_a_person_in_doubt_waits_for_the_first(stand):
    stand.world.amocrm.options(list_lag=4)
    stand.world.amocrm.hooks(loss=1.0)
    stand.world.amocrm.faults("reset_after_commit", domain=DOMAIN, next=1, match="leads/complex")
    first = stand.book(LASER_ARMPITS, client=PERSON)
    stand.work()
    stand.pass_time(2)
    second = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=PERSON, at="+5")
    stand.work()
    stand.pass_time(28)
    stand.pass_time(2)
    stand.settle()

    assert len(stand.contacts()) == 1
    assert stand.lead_of(first)["id"] != stand.lead_of(second)["id"]


def test_two_bookings_of_one_new_person_in_one_batch_make_one_contact_even_after_a_cut(stand):
    stand.world.amocrm.faults("reset_after_commit", domain=DOMAIN, next=1, match="leads/complex")
    first = stand.book(LASER_ARMPITS, client=PERSON)
    second = stand.book(LASER_LEGS, client=PERSON, at="+7")
    stand.settle()

    assert len(stand.contacts()) == 1
    assert stand.lead_of(first)["id"] != stand.lead_of(second)["id"]
