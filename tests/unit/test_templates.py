"""The language of the salon's texts: what each sign does, and what each mistake is told by."""

from datetime import datetime, timedelta, timezone

import pytest

from backend import texts
from backend.core.errors import InvalidInput
from backend.core.rules import configuration_document
from backend.core.templates import builtin, fields, filters, language
from backend.core.templates.language import place, read, render

SATURDAY = datetime(2026, 11, 21, 14, 30, tzinfo=timezone(timedelta(hours=3)))
VALUES = {
    "client": "Мария Петрова", "date": SATURDAY, "services": ("Лазер — 2 500 ₽", "Чистка — 4 000 ₽"),
    "sum": 650_000, "no_shows": 2, "comment": "", "master": "Вера", "salon": "Тверская", "number": 0,
    "directions": (),
}  # fmt: skip


def shown(source, name=fields.BOOKING_NOTE, **changes):
    template = read(source, name)
    assert template.mistakes == ()
    return render(template, {**VALUES, **changes}.get)


def mistakes(source, name=fields.BOOKING_NOTE):
    return [(one.at, one.code, dict(one.details)) for one in read(source, name).mistakes]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{клиент}", "Мария Петрова"),
        ("{client}", "Мария Петрова"),
        ("{ КЛИЕНТ }!", "Мария Петрова!"),
        ("{дата}", "21.11.2026 14:30"),
        ("{сумма}", "6 500 ₽"),
        ("{неявок}", "2"),
        ("{услуги}", "Лазер — 2 500 ₽\nЧистка — 4 000 ₽"),
        ("без полей", "без полей"),
        (r"\{клиент\} \[[\]] \\ c:\путь", r"{клиент} [[]] \ c:\путь"),
        ("[одна] скобка", "[одна] скобка"),
    ],
)
def test_a_field_becomes_its_value(source, text):
    assert shown(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{дата|день}", "21.11.2026"),
        ("{дата|время}", "14:30"),
        ("{дата|число}", "21 ноября"),
        ("{date|day of month}", "21 November"),
        ("{дата|день недели}", "суббота"),
        ("{дата|Weekday}", "Saturday"),
        ("{сумма|руб}", "6 500 руб."),
        ("{сумма|без знака}", "6500"),
        ("{услуги|в строку}", "Лазер — 2 500 ₽, Чистка — 4 000 ₽"),
        ("{услуги|первая}", "Лазер — 2 500 ₽"),
        ("{услуги|первая|коротко:6}", "Лазер…"),
        ("{клиент|первое слово}", "Мария"),
        ("{клиент|first_word|заглавными}", "МАРИЯ"),
        ("{клиент|коротко:500}", "Мария Петрова"),
        ("{комментарий|или:не оставил}", "не оставил"),
        ("{комментарий|заглавными|или:нет}", "нет"),
        ("{мастер|или:любой}", "Вера"),
        ("{дата|или:когда-нибудь}", "21.11.2026 14:30"),
        ("{directions|или:без направления}", "без направления"),
    ],
)
def test_a_filter_shows_a_value_in_another_way(source, text):
    assert shown(source) == text


@pytest.mark.parametrize("one", filters.FILTERS)
def test_a_filter_makes_nothing_of_nothing(one):
    assert filters.applied(one, "7", None, fields.Kind.TEXT) == ("7" if one.code == "or" else "")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Ждём[[ у мастера {мастер}]]", "Ждём у мастера Вера"),
        ("Ждём[[, комментарий: {комментарий}]]", "Ждём"),
        ("[[{мастер}, {комментарий}]]!", "!"),
        ("[[Номер {номер записи}]]Ждём", "Ждём"),  # nought says nothing
        ("[[{комментарий|или:без слов}]]", "без слов"),
        ("Первая\n[[Комментарий: {комментарий}]]\nВторая", "Первая\nВторая"),
        ("Первая\n{комментарий}\n\nВторая", "Первая\n\nВторая"),
    ],
)
def test_a_part_without_its_fields_vanishes_with_its_line(source, text):
    assert shown(source) == text


def test_nought_outside_of_a_part_is_shown():
    assert shown("Номер {номер записи}, {сумма}", sum=0) == "Номер 0, 0 ₽"


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        ("{клинт}", (0, "templates.field_unknown_near", {"word": "клинт", "near": "клиент"})),
        ("{жёлудь}", (0, "templates.field_unknown", {"word": "жёлудь"})),
        ("Был {было}", (4, "templates.field_elsewhere", {"word": "было"})),
        ("{}", (0, "templates.field_missing", {})),
        ("{|день}", (0, "templates.field_missing", {})),
        ("{дата|ден}", (6, "templates.filter_unknown_near", {"word": "ден", "near": "день"})),
        ("{дата|ъ}", (6, "templates.filter_unknown", {"word": "ъ"})),
        ("{клиент|день}", (8, "templates.filter_unfit", {"word": "день"})),
        ("{дата|день|время}", (11, "templates.filter_unfit", {"word": "время"})),
        ("{клиент|коротко}", (8, "templates.argument_number", {"word": "коротко"})),
        ("{клиент|коротко:0}", (8, "templates.argument_number", {"word": "коротко"})),
        ("{клиент|коротко:5000}", (8, "templates.argument_number", {"word": "коротко"})),
        ("{клиент|или:}", (8, "templates.argument_words", {"word": "или"})),
        ("{дата|день:5}", (6, "templates.argument_none", {"word": "день"})),
        ("{клиент", (0, "templates.brace_open", {})),
        ("{кли\nент}", (0, "templates.brace_open", {})),
        ("клиент}", (6, "templates.brace_stray", {})),
        ("{{клиент}}", (0, "templates.brace_double", {})),
        ("{{клиент", (0, "templates.brace_double", {})),
        ("[[{клиент}", (0, "templates.part_open", {})),
        ("{клиент}]]", (8, "templates.part_stray", {})),
        ("[[{клиент}[[{мастер}]]", (10, "templates.part_nested", {})),
        ("[[клиент]]", (0, "templates.part_idle", {})),
        ("  \n", (0, "templates.nothing", {})),
        ("{клиент}" * 101, (0, "templates.too_many", {"n": "100"})),
        ("я" * 2001, (2000, "templates.too_long", {"n": "2000"})),
    ],
)
def test_a_mistake_has_its_place_and_its_words(source, mistake):
    found = mistakes(source)

    assert mistake in found
    assert all(
        texts.t(code, lang, **details) != code for _, code, details in found for lang in texts.LANGUAGES
    )


def test_every_mistake_is_told_at_once():
    assert [code for _, code, _ in mistakes("{кто} {{а}} [[б]] {дата|где}")] == [
        "templates.field_unknown", "templates.brace_double", "templates.part_idle",
        "templates.filter_unknown",
    ]  # fmt: skip


def test_a_place_is_told_as_a_person_counts():
    source = "Первая\nВторая {кто}"

    (mistake,) = read(source, fields.BOOKING_NOTE).mistakes

    assert place(source, mistake.at) == (2, 8)


def test_a_document_is_refused_with_the_place_in_its_text():
    document = {
        "texts": {"moved_note": "Перенос\n{клинт}"},
        "tasks": [{"when": "unmarked", "text": "{было}"}],
    }

    with pytest.raises(InvalidInput) as refused:
        configuration_document.parse(document)

    found = {problem.path: (problem.code, problem.details) for problem in refused.value.details["problems"]}
    assert found == {
        "texts.moved_note": (
            "templates.field_unknown_near", {"word": "клинт", "near": "клиент", "line": "2", "sign": "1"},
        ),
        "tasks[0].text": ("templates.field_elsewhere", {"word": "было", "line": "1", "sign": "1"}),
    }  # fmt: skip


def test_a_value_is_put_in_once_and_never_read_again():
    assert shown("{клиент}", client="{дата} [[{мастер}]] \\") == "{дата} [[{мастер}]] \\"


def test_what_nobody_can_see_does_not_get_in():
    assert shown("а\tб {клиент}", client="Ма\x00ри\u2028я\r\nПетрова\ud800") == "а б Мария\nПетрова"


def test_a_long_value_and_a_long_text_are_cut():
    assert len(shown("{клиент}", client="я" * 9_000)) == language.LONGEST_VALUE
    assert len(shown("{клиент} " * 50, client="я" * 9_000)) == language.LONGEST_TEXT


def test_a_name_has_one_line():
    template = read("{клиент}\n · {услуги}", fields.LEAD_NAME)

    assert (
        render(template, VALUES.get, is_one_line=True) == "Мария Петрова · Лазер — 2 500 ₽ Чистка — 4 000 ₽"
    )


@pytest.mark.parametrize("name", fields.TEXTS)
def test_the_built_in_words_have_no_mistakes(name):
    assert read(builtin.BUILT_IN[name], name).mistakes == ()


def test_a_template_with_mistakes_gives_way_to_the_built_in_words():
    assert (
        builtin.written(fields.CANCELLED_NOTE, "{кто-то}", VALUES.get)
        == "Запись на 21.11.2026 14:30 отменена"
    )
    assert builtin.written(fields.CANCELLED_NOTE, "{мастер}", VALUES.get) == "Вера"


@pytest.mark.parametrize("name", [*fields.TEXTS, fields.TASK])
def test_every_field_and_filter_has_two_names_and_a_word_about_it(name):
    for field in fields.of(name):
        known = fields.by_name(name)
        assert known[fields.plain(field.ru)] == known[fields.plain(field.en)] == field
        assert texts.has(f"field_about.{field.code}")
    for one in filters.FILTERS:
        assert texts.has(f"filter_about.{one.code}")
