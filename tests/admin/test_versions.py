"""Versions of the configuration: words, restore, a file out and in."""

import pytest

from backend.core.rules.configuration import Mode
from backend.flows.rules import configuration, configuration_edit
from backend.store import audit, configs
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import CONFIGURATION, TVERSKAYA


@pytest.fixture
def observed(stand):
    """A second version, in which one salon only observes."""
    result = configuration_edit.set_mode(stand.ctx, stand.account, TVERSKAYA, Mode.OBSERVE, "olga")
    assert result.number == 2


def upload(browser, text):
    return send(browser, ('file"; filename="rules.yaml', text))


def confirm(browser, text, base):
    fields = (("text", text), ("base", str(base)), ("deed", "save"))
    return send(browser, *((name, value.encode()) for name, value in fields))


def send(browser, *parts):
    """The form as a browser writes it; the test client would leave a temporary file open."""
    parts = (("csrf", browser.token().encode()), *parts)
    lines = [
        b'--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in parts
    ]
    body = b"".join((*lines, b"--limit--\r\n"))
    return browser.client.post(
        f"{HOME}/rules/import", data=body, content_type="multipart/form-data; boundary=limit"
    )


def exported(stand):
    return configuration.export_yaml(stand.account.id)


def test_two_versions_are_compared_in_words(owner, observed):
    page = text_of(owner.get(f"{HOME}/rules?version=2&before=1"))

    assert "Салон «Тверская»: режим работает наблюдение" in page


def test_a_version_is_carried_out_as_a_file(stand, owner):
    answer = owner.get(f"{HOME}/rules/1/file")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="lotos-1.yaml"'
    assert answer.text == exported(stand)
    assert "salon-token" not in answer.text
    assert owner.get(f"{HOME}/rules/99/file").status_code == 404


def test_restoring_shows_the_differences_first_and_writes_nothing(stand, owner, observed):
    page = text_of(owner.get(f"{HOME}/rules/1/restore"))

    assert "Салон «Тверская»: режим наблюдение работает" in page
    assert configuration.number(stand.account.id) == 2


def test_restoring_makes_a_new_version_and_a_line_in_the_trail(stand, owner, observed):
    answer = owner.post(f"{HOME}/rules/1/restore", base=2)

    assert (answer.status_code, answer.location) == (303, f"{HOME}/rules")
    assert configuration.number(stand.account.id) == 3
    assert configuration.current(stand.account.id).branch(TVERSKAYA).mode is Mode.ACTIVE
    line = audit.page(stand.account.id)[0]
    assert (line.action, line.operator) == ("configuration.restored", "irina")
    assert line.before == {f"branches[{TVERSKAYA}].mode": "observe"}
    assert line.after == {f"branches[{TVERSKAYA}].mode": "active"}


def test_whoever_looked_at_older_differences_looks_again(stand, owner, observed):
    answer = owner.post(f"{HOME}/rules/1/restore", base=1)

    assert answer.status_code == 422
    assert "olga" in text_of(answer)
    assert configuration.number(stand.account.id) == 2


def test_a_file_is_looked_at_before_it_is_saved(stand, owner):
    text = exported(stand).replace("title: Тверская", "title: Арбат")

    looked = upload(owner, text.encode())

    assert looked.status_code == 200
    assert "Тверская Арбат" in text_of(looked)
    assert configuration.number(stand.account.id) == 1

    saved = confirm(owner, text, 1)

    assert saved.status_code == 303
    assert configuration.current(stand.account.id).branch(TVERSKAYA).title == "Арбат"
    assert audit.page(stand.account.id)[0].action == "configuration.imported"


def test_a_file_that_changes_nothing_offers_nothing_to_save(stand, owner):
    answer = upload(owner, exported(stand).encode())

    assert "ровно то, что уже действует" in answer.text
    assert 'value="save"' not in answer.text


def test_problems_stand_beside_their_places(stand, owner):
    text = exported(stand).replace("mode: active", "mode: acitve", 1)

    answer = upload(owner, text.encode())

    assert answer.status_code == 422
    assert "branches[0].mode" in answer.text
    assert "Недопустимое значение acitve" in answer.text
    assert 'value="save"' not in answer.text


def test_a_broken_file_is_never_saved(stand, owner):
    text = exported(stand).replace("mode: active", "mode: acitve", 1)

    assert confirm(owner, text, 1).status_code == 422
    assert configuration.number(stand.account.id) == 1


def test_a_file_does_not_read_our_secrets(stand, owner):
    text = CONFIGURATION.read_text(encoding="utf-8").replace("YC_TOKEN", "SECRET_KEY")

    answer = upload(owner, text.encode())

    assert answer.status_code == 422
    assert "sssssss" not in answer.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("название".encode("cp1251"), "в кодировке UTF-8"),
        (b"x" * (1024 * 1024 + 1), "Файл больше 1 МБ"),
    ],
)
def test_a_file_of_the_wrong_kind_is_told_beside_the_field(owner, content, words):
    answer = upload(owner, content)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="file-problem"' in answer.text


def test_no_file_is_told_beside_the_field(owner):
    assert "Выберите файл" in owner.post(f"{HOME}/rules/import").text


def test_what_is_no_yaml_names_the_line(owner):
    assert "Строка 3: это не YAML" in upload(owner, b"a: 1\nb: [\n").text


def test_a_large_document_survives_the_second_step(stand, owner):
    text = exported(stand).replace("title: Тверская", "title: Арбат") + "# " + "ж" * 450_000 + "\n"

    assert upload(owner, text.encode()).status_code == 200
    assert confirm(owner, text, 1).status_code == 303
    assert configuration.current(stand.account.id).branch(TVERSKAYA).title == "Арбат"


def test_of_countless_problems_the_first_are_shown(stand, owner):
    text = exported(stand) + "".join(f"strange{number}: 1\n" for number in range(200))

    answer = upload(owner, text.encode())

    assert answer.status_code == 422
    assert answer.text.count("<dt>") == 50
    assert "Показаны первые 50" in text_of(answer)


def test_hundreds_of_versions_are_listed_in_pages(stand, owner):
    for _ in range(2, 63):
        configs.save(stand.account.id, configs.get(stand.account.id, 1).document, "olga", "", stand.now())

    first, last = owner.get(f"{HOME}/rules").text, owner.get(f"{HOME}/rules?upto=13").text

    assert f"{HOME}/rules?upto=13" in first
    assert "Версия 62" in first
    assert "Версия 12<" not in first
    assert "Версия 12<" in last
    assert ("Раньше" in first, "Раньше" in last, "К новым" in last) == (True, False, True)
    assert owner.get(f"{HOME}/rules?version=2&before=1").status_code == 200


def test_a_viewer_reads_and_changes_nothing(stand, viewer, observed):
    assert viewer.get(f"{HOME}/rules").status_code == 200
    assert 'type="file"' not in viewer.get(f"{HOME}/rules").text
    assert viewer.post(f"{HOME}/rules/1/restore", base=2).status_code == 403
    assert upload(viewer, exported(stand).encode()).status_code == 403
