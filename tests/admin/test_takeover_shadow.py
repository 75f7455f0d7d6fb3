"""The comparison with GET8 in the panel: salons, gate, classes, rules, words of people, files."""

import csv
import io
import zipfile

import pytest

from backend.core.takeover.gate import Word
from backend.flows.takeover.beside import shadow
from backend.store import audit, takeover_shadows, takeover_verdicts
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support import shadow as shown
from tests.support.get8 import configuration as document
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    LASER_ARMPITS,
    TVERSKAYA,
    URAL,
    WAITING_LIST,
)
from tests.support.stand_fixtures import new_get8

__all__ = ["new_get8"]

SHADOW = f"{HOME}/takeover/shadow"
LEFT_OUT = {"diff": "explained", "rule": "skipped:excluded_staff"}


@pytest.fixture
def stand(new_get8):
    """GET8 works in the account; nothing is compared yet."""
    return new_get8()


@pytest.fixture
def compared(stand):
    """One booking in which both agree, one that our settings leave out."""
    shown.begun(stand)
    same = stand.book(LASER_ARMPITS)
    other = stand.book(LASER_ARMPITS, staff=WAITING_LIST, client=("Елена", "+79990000002"))
    shown.compared(stand)
    return same, other


def test_before_anything_is_compared_each_salon_offers_to_begin(owner):
    page = text_of(owner.get(SHADOW))

    assert "Сверка не начата" in page
    assert "Сравнивать пока нечего" in page
    assert page.count("Начать сверку") == 2


def test_salon_begins_with_a_press_and_leaves_a_line(stand, owner):
    answer = owner.post(f"{SHADOW}/{TVERSKAYA}", act="begin", minutes="15")

    row = takeover_shadows.of(stand.account.id, TVERSKAYA)
    page = text_of(owner.get(SHADOW))
    line = audit.page(stand.account.id)[0]
    assert (answer.status_code, answer.location) == (303, SHADOW)
    assert (row.settle_seconds, row.begun_by, row.way) == (900, "irina", "hooks")
    assert "Переключать рано" in page
    assert "наш адрес добавлен к адресу GET8" in page
    assert (line.action, line.subject, line.before) == ("takeover.shadow_begin", "Тверская", None)
    assert line.after["minutes"] == 15


@pytest.mark.parametrize("minutes", ["", "0", "121", "час"])
def test_wrong_minutes_are_told_beside_the_field(stand, owner, minutes):
    answer = owner.post(f"{SHADOW}/{TVERSKAYA}", act="begin", minutes=minutes)

    assert answer.status_code == 422
    assert "от 1 до 120" in text_of(answer)
    assert answer.text.count('aria-invalid="true"') == 1
    assert takeover_shadows.of(stand.account.id, TVERSKAYA) is None


def test_list_that_is_closed_to_us_is_polled_and_may_be_tried_again(stand, owner):
    shadow.begin(stand.ctx, stand.account, TVERSKAYA, "irina")
    takeover_shadows.set_way(stand.account.id, TVERSKAYA, "polling")
    before = text_of(owner.get(SHADOW))

    owner.post(f"{SHADOW}/{TVERSKAYA}", act="hear")

    assert "журнал спрашивается каждую минуту" in before
    assert "Добавить наш адрес к уведомлениям" in before
    assert takeover_shadows.of(stand.account.id, TVERSKAYA).way == "hooks"
    assert audit.page(stand.account.id)[0].action == "takeover.shadow_hear"


def test_salon_that_we_write_for_is_told_so(stand, owner):
    stand.configure(document("active"))

    owner.post(f"{SHADOW}/{TVERSKAYA}", act="begin", minutes="10")

    assert "За этот салон уже пишет Мостик" in text_of(owner.get(SHADOW))
    assert takeover_shadows.of(stand.account.id, TVERSKAYA) is None


def test_comparison_ends_with_a_press_and_its_report_stays(stand, owner, compared):
    owner.post(f"{SHADOW}/{TVERSKAYA}", act="end")

    page = text_of(owner.get(SHADOW))
    assert "Сверка закончена" in page
    assert "2 сравнения" in page
    assert audit.page(stand.account.id)[0].action == "takeover.shadow_end"


def test_unknown_salon_and_unknown_deed_are_refused(stand, owner):
    assert owner.post(f"{SHADOW}/4", act="begin", minutes="10").status_code == 404
    assert owner.post(f"{SHADOW}/{TVERSKAYA}", act="fly").status_code == 400
    assert owner.post(f"{SHADOW}/{TVERSKAYA}", act="hear").status_code == 400


# The report


def test_report_shows_classes_rules_with_their_share_and_both_sides(stand, owner, compared):
    page = text_of(owner.get(SHADOW))

    assert "2 сравнения" in page
    assert "50 % из-за правила «Без сделки: сотрудник исключён»" in page
    assert "без сделки: сотрудник исключён" in page
    assert f"сделка № {stand.foreign_lead(compared[1])['id']}" in page
    assert "1 расхождение ждёт решения" in page


def test_what_agrees_is_shown_to_whoever_asks(stand, owner, compared):
    same = f"Запись № {compared[0]['id']}"

    usual, asked = text_of(owner.get(SHADOW)), text_of(owner.get(f"{SHADOW}?class=equal"))

    assert same not in usual
    assert same in asked
    assert "Всё совпало" in asked


def test_time_that_began_anew_says_so(stand, owner, compared):
    stand.as_get8(stand.foreign_lead(compared[0]), status_id=8109, pipeline_id=8001)
    shown.compared(stand)

    page = text_of(owner.get(SHADOW))

    assert "Срок идёт заново с" in page
    assert "мы пропустили" in page


def test_report_is_narrowed_by_salon_class_and_rule(stand, owner, compared):
    same, other = (f"Запись № {record['id']}" for record in compared)

    by_class = text_of(owner.get(f"{SHADOW}?class=explained"))
    by_rule = text_of(owner.get(f"{SHADOW}?rule=skipped:excluded_staff"))
    elsewhere = text_of(owner.get(f"{SHADOW}?salon={URAL}"))

    assert other in by_class
    assert same not in by_class
    assert other in by_rule
    assert same not in by_rule
    assert "Сравнивать пока нечего" in elsewhere


def test_both_sides_of_a_category_are_named(stand, owner):
    epilation = document().replace("41001: [501], 41002", "41001: [501, 503], 41002")
    stand.configure(epilation.replace("41001: [503]", "41001: [599]"))
    shown.begun(stand)
    record = stand.book(CLEANING)
    shown.compared(stand)

    page = text_of(owner.get(SHADOW))

    assert stand.foreign_lead(record)["pipeline_id"] == COSMETOLOGY
    assert "Направление по категории услуги" in page
    assert "Воронка Эпиляция Косметология" in page


# What people say


def test_consent_is_a_row_with_a_line_and_opens_the_rule(stand, owner, compared):
    answer = owner.post(f"{SHADOW}/verdict", word="approved", salon="0", comment="Лист ожидания", **LEFT_OUT)

    page = text_of(owner.get(SHADOW))
    line = audit.page(stand.account.id)[0]
    assert answer.status_code == 303
    assert answer.location.endswith("#rules")
    assert [said.word for said in takeover_verdicts.words(stand.account.id)] == [Word.APPROVED]
    assert "согласны : Лист ожидания" in page
    assert "ждёт решения" not in page
    assert (line.action, line.before, line.after["word"]) == ("takeover.verdict", None, "approved")


def test_another_word_takes_the_place_of_the_first_and_both_stay_to_be_read(stand, owner, compared):
    owner.post(f"{SHADOW}/verdict", word="approved", salon="0", comment="", **LEFT_OUT)
    owner.post(f"{SHADOW}/verdict", word="rejected", salon="0", comment="Их тоже ведём", **LEFT_OUT)

    page = text_of(owner.get(SHADOW))
    assert [said.word for said in takeover_verdicts.words(stand.account.id)] == [Word.REJECTED]
    assert "1 расхождение отклонено: поменяйте правила" in page
    assert len(takeover_verdicts.all_of(stand.account.id)) == 2
    assert audit.page(stand.account.id)[0].before == {"word": "approved"}


def test_word_about_one_salon_is_not_about_another(stand, owner, compared):
    owner.post(f"{SHADOW}/verdict", word="approved", salon=str(URAL), comment="", **LEFT_OUT)

    assert "1 расхождение ждёт решения" in text_of(owner.get(SHADOW))


def test_remark_needs_words_and_decides_nothing(stand, owner, compared):
    empty = owner.post(f"{SHADOW}/verdict", word="comment", salon="0", comment=" ", **LEFT_OUT)
    owner.post(f"{SHADOW}/verdict", word="comment", salon="0", comment="<b>Спросить</b>", **LEFT_OUT)

    page = owner.get(SHADOW).text
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    assert "&lt;b&gt;Спросить&lt;/b&gt;" in page
    assert "1 расхождение ждёт решения" in page
    assert takeover_verdicts.words(stand.account.id) == []


def test_what_we_missed_cannot_be_agreed_with(stand, owner, compared):
    answer = owner.post(
        f"{SHADOW}/verdict", word="approved", salon="0", comment="", diff="ours_missed", rule="price"
    )

    assert answer.status_code == 422
    assert takeover_verdicts.all_of(stand.account.id) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"diff": "odd"}, 400), ({"word": "odd"}, 400), ({"rule": ""}, 400), ({"salon": "4"}, 404),
    ],
)  # fmt: skip
def test_crooked_words_are_refused(stand, owner, compared, fields, status):
    usual = {"word": "approved", "salon": "0", "comment": "", **LEFT_OUT}

    assert owner.post(f"{SHADOW}/verdict", **{**usual, **fields}).status_code == status
    assert takeover_verdicts.all_of(stand.account.id) == []


def test_viewer_reads_and_has_nothing_to_press(stand, viewer, compared):
    page = viewer.get(SHADOW).text

    assert "Без сделки" in page
    assert 'name="act"' not in page
    assert 'name="word"' not in page


# Files


def test_report_is_taken_as_a_file(stand, owner, compared):
    sheet = owner.get(f"{SHADOW}/csv")
    book = owner.get(f"{SHADOW}/xlsx?class=explained")

    rows = list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:5] == ["Салон", "Когда", "Запись", "Сделка", "Класс"]
    assert {row[4] for row in rows[1:]} == {"так же", "по другому правилу"}
    assert zipfile.ZipFile(io.BytesIO(book.data)).testzip() is None
    assert audit.page(stand.account.id)[0].after["rows"] == 1
    assert owner.get(f"{SHADOW}/pdf").status_code == 404
