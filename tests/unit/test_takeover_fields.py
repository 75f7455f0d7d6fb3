"""What a field holds, held against what the booking system knows; shapes around numbers; dates and shifts."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from backend.core.salon import Client, Phase, StaffMember
from backend.core.takeover import fields, marks, values
from backend.core.takeover.fields import LEAST, Tally
from backend.core.takeover.marks import Shapes
from backend.core.takeover.recognition import Kind, What
from tests.support.facts import TVERSKAYA, booking, line

MOSCOW = ZoneInfo("Europe/Moscow")
ZONES, SALONS = {TVERSKAYA: MOSCOW}, {TVERSKAYA: "Тверская"}
WHATS = {"770001": frozenset({"record_id", "price"}), "вера": frozenset({"staff"}),
         "лазер": frozenset({"service_titles"}), "чистка": frozenset({"service_titles"}),
         "41001": frozenset({"company_id"}), "2500": frozenset({"price"})}  # fmt: skip


def own(*bookings):
    return values.own(bookings or (booking(),), ZONES, SALONS)


def tally(*texts, whose=None, mate=None, whats=WHATS):
    found = Tally()
    for text in texts:
        found.add(text, whats, whose, mate)
    return found


def finding(found, entity="leads"):
    return fields.findings({(entity, 1): found})[0]


# Values


def test_one_text_may_be_known_in_several_ways():
    assert values.spellings(" Вера ") == ("вера",)
    assert values.spellings("2 500,00") == ("2 500,00", "2500")
    assert values.spellings("8 999 000-00-01") == ("8 999 000-00-01", "79990000001")
    assert values.spellings("+7 (999") == ("+7 (999",)
    assert values.spellings("(12) --- ()") == ("(12) --- ()",)
    assert values.spellings("а" * 201) == ()
    assert values.pieces("Лазер; Чистка\nВоск, шугаринг") == ("лазер", "чистка", "воск", "шугаринг")


def test_everything_of_a_booking_that_could_stand_in_a_field():
    whole = booking(
        Phase.WAITING, replace(line(), category="Эпиляция"),
        visit_id=600, comment="Опоздает",
    )  # fmt: skip

    assert values.known(whole, "Тверская") == {
        (What.RECORD_ID, "770001"), (What.COMPANY_ID, "41001"), (What.PRICE, "2500"),
        (What.SALON, "тверская"), (What.VISIT_ID, "600"), (What.STAFF_ID, "81"), (What.STAFF, "вера"),
        (What.COMMENT, "опоздает"), (What.SERVICE_ID, "90001"), (What.SERVICE_TITLES, "лазер: подмышки"),
        (What.CATEGORY, "эпиляция"), (What.CLIENT_ID, "5001"), (What.PHONE, "79990000001"),
        (What.CLIENT_NAME, "мария"),
    }  # fmt: skip


def test_a_booking_without_a_client_or_a_master_says_less():
    bare = booking(client=None, staff=StaffMember(0), lines=())
    nameless = booking(client=Client("", "", ""))

    assert {what for what, _ in values.known(bare)} == {What.RECORD_ID, What.COMPANY_ID, What.PRICE}
    assert not {what for what, _ in values.known(nameless)} & {What.CLIENT_ID, What.PHONE, What.CLIENT_NAME}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("12.03.2026 15:00", "%d.%m.%Y %H:%M"),
        ("2026-03-12T15:00:00", "%Y-%m-%dT%H:%M:%S"),
        ("12.03.2026", "%d.%m.%Y"),
        ("1773316800", "unix"),
    ],
)
def test_dates_are_read_in_many_forms(text, form):
    assert values.moments(text).form == form


@pytest.mark.parametrize(
    "text", ["", "Вера", "770001", "9999999999", "12.03", "1" * 26, "2026-03-12 15:00 и ещё что-то"]
)
def test_what_is_no_date(text):
    assert values.moments(text) is None


def test_a_shift_is_counted_on_the_clock_that_the_text_shows():
    """The visit is on 12.03 at 15:00 in Moscow, 12:00 in Greenwich; it was entered at 15:00 on the 10th."""
    read = values.moments

    assert (What.DATE, "%d.%m.%Y %H:%M", 0) in own().shifts(read("12.03.2026 15:00"))
    assert (What.DATE_UTC, "%d.%m.%Y %H:%M", 0) in own().shifts(read("12.03.2026 12:00"))
    assert (What.DATE, "%d.%m.%Y %H:%M", -180) in own().shifts(read("12.03.2026 12:00"))
    assert (What.CREATED, "%d.%m.%Y %H:%M", 5) in own().shifts(read("10.03.2026 15:05"))
    assert own().shifts(read("12.03.2027 15:00")) == frozenset()
    assert own().shifts(read("2026-03-12 15:00:07")) == frozenset()
    assert (What.DATE, "%d.%m.%Y", 0) in own().shifts(read("12.03.2026"))
    assert own().shifts(read("13.03.2026")) == frozenset()


def test_seconds_are_the_moment_itself_or_the_midnight_of_its_day():
    starts = booking().starts_at
    midnight = starts.astimezone(MOSCOW).replace(hour=0)

    assert (What.DATE, "unix", 0) in own().shifts(values.moments(str(int(starts.timestamp()))))
    found = own().shifts(values.moments(str(int(midnight.timestamp()))))
    assert (What.DATE, "unix_day", 0) in found


# Fields


def test_a_number_is_what_the_persons_own_bookings_say():
    found = finding(tally(*["770001"] * LEAST, whose=own(), mate=booking()))

    assert (found.guess.what, found.guess.share, found.guess.own) == (What.RECORD_ID, 1.0, 1.0)
    assert found.is_sure
    assert (found.place.kind, found.place.field_id, found.place.count) == (Kind.FIELD, 1, LEAST)
    assert found.examples == ("770001",)


def test_few_values_or_few_hits_are_not_sure():
    few = finding(tally(*["770001"] * (LEAST - 1)))
    half = finding(tally(*["770001", "770009"] * LEAST))
    chance = finding(tally("770001", *[f"77001{n}" for n in range(9)]))

    assert (few.guess.what, few.is_sure) == (What.RECORD_ID, False)
    assert (half.guess.share, half.is_sure) == (0.5, False)
    assert chance.guess is None
    assert chance.place is None
    assert not chance.is_sure


def test_hits_that_are_never_the_persons_own_are_chance():
    stranger = own(booking(record_id=1, lines=(line(price=900),)))

    found = finding(tally(*["770001"] * LEAST, whose=stranger))

    assert (found.guess.share, found.guess.own, found.is_sure) == (1.0, 0.0, False)


def test_a_list_of_services_is_known_by_its_titles():
    known = finding(tally(*["Лазер, Чистка"] * LEAST))
    mine = finding(tally(*["Лазер: подмышки — 2500 ₽"] * LEAST, whose=own()))
    both = finding(tally(*["Лазер: подмышки; Вера"] * LEAST, whose=own()))

    assert known.guess.what is What.SERVICE_TITLES
    assert (mine.guess.what, mine.guess.share) == (What.SERVICE_TITLES, 1.0)
    assert both.guess.what is What.SERVICE_TITLES


def test_a_date_field_with_its_shift():
    found = finding(tally(*["12.03.2026 15:05"] * LEAST, whose=own()))

    assert (found.guess.what, found.guess.pattern, found.guess.shift) == (What.DATE, "%d.%m.%Y %H:%M", 5)
    assert found.place.shift == 5


def test_words_that_go_with_states_are_the_status():
    kept = Tally()
    for number in range(LEAST):
        phase = (Phase.ARRIVED, Phase.NO_SHOW)[number % 2]
        kept.add(("Был", "Не был")[number % 2], {}, None, booking(phase))
    kept.add("Другое", {}, None, None)

    assert (finding(kept).guess.what, finding(kept).guess.share) == (What.STATUS, 1.0)


def test_words_that_go_with_one_state_only_say_nothing():
    same = tally(*["Был", "Не был"] * LEAST, mate=booking(), whats={})

    assert finding(same).guess is None


def test_many_different_words_are_no_states():
    assert finding(tally(*[f"слово {n}" for n in range(20)], mate=booking(), whats={})).guess is None
    assert tally(*[f"слово {n}" for n in range(20)]).words is None


def test_one_word_on_every_lead_of_a_booking_is_a_mark():
    found = finding(tally(*["YCLIENTS"] * LEAST, mate=booking(), whats={}))

    assert (found.guess.what, found.guess.pattern, found.is_sure) == (What.MARK, "YCLIENTS", True)


def test_a_number_inside_an_address():
    text = "https://yclients.example/timetable/41001#main_date=2026-03-12&id=770001"
    found = finding(tally(*[text, text.replace("770001", "770002")] * LEAST, whose=own(),
                          whats={**WHATS, "770002": frozenset({"record_id"})}))  # fmt: skip

    assert (found.kind, found.guess.what) == (Kind.URL, What.RECORD_ID)
    assert found.guess.pattern == (
        "https://yclients.example/timetable/{company_id}#main_date={date}&id={record_id}"
    )


def test_the_sure_fields_come_first_and_everything_is_written_and_read_again():
    sure = tally(*["770001"] * LEAST, whose=own())
    tallies = {
        ("leads", 2): tally("x"),
        ("leads", 1): sure,
        ("contacts", 3): tally(*[str(n) for n in range(30)]),
    }

    assert [one.field_id for one in fields.findings(tallies)] == [1, 3, 2]
    assert fields.restored_all(fields.written_all(tallies)) == tallies


def test_what_has_to_be_looked_up():
    assert fields.asked("Запись 770001, Вера") == {"запись 770001, вера", "запись 770001", "вера", "770001"}


# Shapes


def test_shapes_of_notes_keep_the_words_around_the_number():
    shapes = marks.shapes

    assert shapes("Запись №770001 от 12.03.2026, 15:00") == [("Запись №{} от", ("770001",))]
    assert shapes("Запись №770001 от 2026-03-12") == [("Запись №{} от {date}", ("770001",))]
    assert shapes("12.03.2026 запись: 770001 (новая)\nТелефон 79990000001") == [
        ("запись: {}", ("770001",)), ("Телефон {}", ("79990000001",)),
    ]  # fmt: skip
    assert shapes("770001") == [("{}", ("770001",))]
    assert shapes("см. https://a.example/x/770001.") == [("https://a.example/x/{}", ("770001",))]
    assert shapes("https://a.example/x") == []
    assert shapes("{770001}") == []


def test_a_number_that_never_changes_stays_as_it_is():
    found = Shapes()
    for number in ("770001", "770002"):
        found.add(f"https://n5.example/x/{number}", {"770001": frozenset({"record_id"}),
                                                     "770002": frozenset({"record_id"})}, None)  # fmt: skip
    assert [one.pattern for one in marks.guesses(found)] == ["https://n5.example/x/{record_id}"]
    assert marks.guesses(found)[0].own is None


def test_the_number_of_the_record_says_more_than_that_of_its_salon():
    found, whats = Shapes(), {"41001": frozenset({"company_id"}), "770001": frozenset({"record_id"}),
                              "81818": frozenset({"staff_id"})}  # fmt: skip
    found.add("https://a.example/41001/81818/770001", whats, own())
    found.add("Номер 55555", whats, own())

    guesses = marks.guesses(found)

    assert [(one.what, one.own) for one in guesses] == [(What.RECORD_ID, 1.0)]
    assert guesses[0].pattern == "https://a.example/{company_id}/{staff_id}/{record_id}"


def test_rare_shapes_give_way_and_the_frequent_stay(monkeypatch):
    monkeypatch.setattr(marks, "MOST", 3)
    found = Shapes()
    for _ in range(3):
        found.add("Запись 770001", WHATS, None)
    for word in "абвг":
        found.add(f"{word} 770001", WHATS, None)
    assert "Запись {}" in found.rows
    assert len(found.rows) <= 3

    monkeypatch.setattr(marks, "MOST", 1)
    found.rows = {"Запись {}": found.rows["Запись {}"]}
    found.add("прочее 770001", WHATS, None)
    assert list(found.rows) == ["Запись {}"]


def test_shapes_are_written_and_read_again():
    found = Shapes()
    found.add("Запись 770001", WHATS, own())

    assert marks.restored(marks.written(found)) == found
