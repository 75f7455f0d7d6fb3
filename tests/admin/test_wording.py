"""«Тексты и задачи»: a text is looked at, saved, refused with its place, given back; rules about tasks."""

import pytest

from backend.core.rules.sections import MARK_VISITS, TaskRule, TaskWhen, TextName
from backend.flows.rules import configuration
from backend.store import audit
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import LASER_ARMPITS, OLGA

WORDING = f"{HOME}/wording"
SHOWN = f"{WORDING}/shown"


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


def save(browser, template, text="lead_name", **more):
    return browser.post(WORDING, base="1", text=text, template=template, **more)


def add(browser, **changed):
    usual = {"base": "1", "task_when": "unmarked", "task_amount": "3", "task_unit": "hours", "task_text": ""}
    return browser.post(f"{WORDING}/tasks", **{**usual, **changed})


def test_the_page_shows_every_text_with_its_words(owner):
    page = text_of(owner.get(WORDING))

    for name in ("Название сделки", "Новая запись", "Перенос", "Сумма после визита"):
        assert name in page
    assert "[[{направление} · ]][[{клиент} · ]]{дата|день}" in page
    assert "Эпиляция · Имя Фамилия · " in page
    assert "Визит не отмечен: через 1 день после окончания" in page


def test_a_text_of_ones_own_is_used_and_told_in_the_trail(stand, owner, rules):
    answer = save(owner, "{клиент} — {услуги|в строку}")

    assert answer.status_code == 303
    assert rules().texts == {TextName.LEAD_NAME: "{клиент} — {услуги|в строку}"}
    entry = audit.page(stand.account.id)[0]
    assert (entry.before["texts.lead_name"], entry.after["texts.lead_name"]) == (
        None, "{клиент} — {услуги|в строку}",
    )  # fmt: skip
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    assert stand.lead_of(record)["name"] == "Мария — Лазер: подмышки — 2 500 ₽"


def test_a_mistake_is_told_with_its_place_and_nothing_is_saved(owner, rules):
    answer = save(owner, "Визит\n{клинт}", text="booking_note")

    assert answer.status_code == 422
    assert "Строка 2, знак 1: поля «клинт» нет. Похоже: «клиент»." in text_of(answer)
    assert "{клинт}" in answer.text
    assert rules().texts == {}


def test_the_usual_words_come_back(owner, rules):
    save(owner, "{клиент}")

    answer = owner.post(WORDING, base="2", text="lead_name", template="{клиент}", reset="1")

    assert answer.status_code == 303
    assert rules().texts == {}


@pytest.mark.parametrize("template", ["", "[[{направление} · ]][[{клиент} · ]]{дата|день}"])
def test_the_usual_words_are_no_words_of_ones_own(owner, rules, template):
    save(owner, "{клиент}")

    owner.post(WORDING, base="2", text="lead_name", template=template)

    assert rules().texts == {}


def test_a_text_is_looked_at_on_a_real_booking_without_being_saved(stand, owner, rules):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    key = f"yclients:{record['company_id']}:{record['id']}"

    answer = owner.post(SHOWN, text="booking_note", template="{клиент}: {сумма|руб}", key=key)

    assert "Мария: 2 500 руб." in text_of(answer)
    assert rules().texts == {}


def test_a_look_answers_htmx_with_the_fragment_alone(owner):
    answer = owner.client.post(
        SHOWN,
        data={"csrf": owner.token(), "text": "lead_name", "template": "{клиент"},
        headers={"HX-Request": "true"},
    )

    assert answer.text.strip().startswith('<div id="shown"')
    assert "Строка 1, знак 1: скобка { открыта" in text_of(answer)


def test_nothing_of_a_template_becomes_markup(owner):
    answer = owner.post(SHOWN, text="booking_note", template="<script>alert(1)</script>{клиент}")

    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;Имя Фамилия" in answer.text


def test_a_text_that_does_not_exist_is_the_first_one(owner):
    assert "Название сделки" in text_of(owner.get(f"{WORDING}?text=secret"))
    assert "Пример" not in text_of(owner.get(f"{WORDING}?key=yclients:1:2"))


def test_somebody_else_saved_a_text_meanwhile(owner, rules):
    save(owner, "{клиент}")

    answer = save(owner, "{мастер}")

    assert answer.status_code == 422
    assert rules().texts == {TextName.LEAD_NAME: "{клиент}"}


def test_a_rule_is_added_with_its_words_and_removed(stand, owner, rules):
    answer = add(owner, task_text="Отметьте {клиент}", task_user=str(OLGA))

    assert answer.status_code == 303
    new = TaskRule(TaskWhen.UNMARKED, hours=3, text="Отметьте {клиент}", user_id=OLGA)
    assert rules().tasks == (*MARK_VISITS, new)
    page = text_of(owner.get(WORDING))
    assert "Визит не отмечен: через 3 часа после окончания" in page
    assert "Кому: Ольга" in page
    assert audit.page(stand.account.id)[0].action == "configuration.saved"

    owner.post(f"{WORDING}/tasks/remove", base="2", rule="task:unmarked:1:0")
    assert rules().tasks == (new,)
    owner.post(f"{WORDING}/tasks/remove", base="3", rule="task:unmarked:0:3")
    assert rules().tasks == ()
    assert "Правил пока нет" in text_of(owner.get(WORDING))


@pytest.mark.parametrize(
    ("typed", "rule", "words"),
    [
        (
            {"task_when": "booked_before", "task_amount": "1", "task_unit": "days"},
            TaskRule(TaskWhen.BOOKED, days=-1),
            "Клиент записан: срок за 1 день до визита",
        ),
        (
            {"task_when": "booked", "task_amount": "3"},
            TaskRule(TaskWhen.BOOKED, hours=3),
            "Клиент записан: срок через 3 часа после визита",
        ),
        (
            {"task_when": "no_show", "task_amount": "5", "task_unit": "days"},
            TaskRule(TaskWhen.NO_SHOW, days=5),
            "Не пришёл и не записался снова: через 5 дней после визита",
        ),
        (
            {"task_when": "price_changed", "task_amount": ""},
            TaskRule(TaskWhen.PRICE_CHANGED),
            "Сумма изменилась после визита: срок один день",
        ),
    ],
)
def test_a_rule_is_said_in_words(owner, rules, typed, rule, words):
    assert add(owner, **typed).status_code == 303

    assert rules().tasks == (*MARK_VISITS, rule)
    assert words in text_of(owner.get(WORDING))


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"task_amount": ""}, "Заполните"),
        ({"task_amount": "скоро"}, "0"),
        ({"task_amount": "999999"}, "87600"),
        ({"task_text": "{кто}"}, "Строка 1, знак 1: поля «кто» нет"),
        ({"task_user": "123"}, "123"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(owner, rules, typed, complaint):
    answer = add(owner, **typed)

    assert answer.status_code == 422
    assert complaint in text_of(answer)
    assert rules().tasks == MARK_VISITS


def test_what_became_of_a_rule_is_told_beside_the_rules(owner):
    answer = add(owner)

    page = owner.get(answer.location).text

    assert answer.location.endswith("#tasks")
    assert page.count("Сохранено.") == 1
    assert "Сохранено." in page.split('id="tasks"')[1]


def test_how_many_tasks_there_would_have_been(stand, owner):
    unmarked, missed = (
        stand.book(LASER_ARMPITS, at="+1"),
        stand.book(LASER_ARMPITS, at="+1", client=("Ева", "+79990000002")),
    )
    stand.settle()
    stand.pass_time(2 * 86400)
    stand.mark(missed, -1)
    stand.settle()

    counts = {}
    for when in ("booked", "unmarked", "no_show", "price_changed"):
        answer = owner.post(
            SHOWN, text="task", task_when=when, task_amount="1", task_unit="hours", task_text=""
        )
        counts[when] = text_of(answer)

    assert "За прошлую неделю было бы 2 задачи" in counts["booked"]
    assert "За прошлую неделю была бы 1 задача" in counts["unmarked"]
    assert "За прошлую неделю была бы 1 задача" in counts["no_show"]
    assert "заранее не видно" in counts["price_changed"]
    assert unmarked["id"] != missed["id"]


def test_a_viewer_reads_and_cannot_write(viewer, rules):
    page = viewer.get(WORDING)

    assert page.status_code == 200
    assert "readonly" in page.text
    assert 'id="add-task"' not in page.text
    assert save(viewer, "{клиент}").status_code == 403
    assert rules().texts == {}
