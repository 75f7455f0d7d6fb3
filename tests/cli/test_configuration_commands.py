"""`config …` and `salon …` as an administrator types them: sentences, exit codes, no secrets."""

import pytest

from backend.store import accounts, connections
from tests.support.stand import CONFIGURATION, DOMAIN, PUBLIC, URAL

ENV = {"YC_TOKEN": "salon-token"}


@pytest.fixture
def document(tmp_path):
    """A file with the Stand's configuration, changed as asked."""

    def written(old="", new=""):
        path = tmp_path / "rules.yaml"
        path.write_text(CONFIGURATION.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        return path

    return written


def test_an_export_can_be_imported(run, tmp_path):
    exported = run("config export", DOMAIN)
    path = tmp_path / "exported.yaml"
    path.write_text(exported.stdout, encoding="utf-8")

    imported = run("config import", DOMAIN, path)

    assert (exported.exit_code, imported.exit_code) == (0, 0)
    assert "версия 2" in imported.stdout


def test_an_import_says_what_changed(run, document):
    path = document("no_show: 300", "no_show: 5")

    answer = run("config import", DOMAIN, path, env=ENV)

    assert answer.exit_code == 0, answer.stderr
    assert "options.settle.no_show: 300 → 5" in answer.stdout
    assert "salon-token" not in answer.output


def test_a_document_may_come_by_a_pipe(run, document):
    answer = run("config import", DOMAIN, "-", input=document().read_bytes(), env=ENV)

    assert answer.exit_code == 0, answer.stderr


def test_a_dry_run_shows_and_writes_nothing(run, document):
    answer = run("config import --dry-run", DOMAIN, document("title: Урал", "title: Пермь"), env=ENV)

    assert answer.exit_code == 0
    assert "branches[41002].title: Урал → Пермь" in answer.stdout
    assert run("config versions", DOMAIN).stdout.count("\n") == 1


def test_every_mistake_is_a_line_with_its_path(run, document):
    path = document("stages: {waiting: 8301, confirmed: 8302, arrived", "stages: {waiting: 143, arived")

    answer = run("config import", DOMAIN, path, env=ENV)

    assert answer.exit_code == 1
    assert answer.stderr.splitlines()[:2] == [
        "routes[2].stages.arived: Неизвестное имя arived. Может быть, arrived?",
        "routes[2].stages.waiting: Этап 143 закрывает сделку: с него нельзя начинать.",
    ]


def test_a_missing_variable_is_named(run, document, monkeypatch):
    monkeypatch.delenv("YC_TOKEN", raising=False)

    answer = run("config import", DOMAIN, document())

    assert answer.exit_code == 1
    assert "branches[0].user_token: Переменная YC_TOKEN" in answer.stderr


@pytest.mark.parametrize(("body", "said"), [
    (b"a: [", "YAML"),
    ("я: 1".encode("cp1251"), "UTF-8"),
    (b"", "имя: значение"),
])  # fmt: skip
def test_a_file_that_is_no_document(run, body, said):
    answer = run("config import", DOMAIN, "-", input=body)

    assert answer.exit_code == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.output


def test_hooks_are_lines_of_salon_and_address(run, stand):
    rows = connections.of_account(stand.account.id)

    answer = run("config hooks", DOMAIN)

    assert answer.stdout.splitlines() == [
        f"{row.company_id}\t{PUBLIC}/hooks/yclients/{row.hook_secret}" for row in rows
    ]


def test_versions_can_be_seen_compared_and_restored(run, document):
    run("config import", DOMAIN, document("no_show: 300", "no_show: 5"), "--author", "Анна", env=ENV)

    listed = run("config versions", DOMAIN).stdout.splitlines()
    shown = run("config show", DOMAIN, 2).stdout
    compared = run("config compare", DOMAIN, 1, 2).stdout
    restored = run("config restore", DOMAIN, 1)

    assert [line.split("\t")[0] for line in listed] == ["2", "1"]
    assert "Анна" in listed[0]
    assert "no_show: 5" in shown
    assert compared == "options.settle.no_show: 300 → 5\n"
    assert (restored.exit_code, "версия 3" in restored.stdout) == (0, True)


@pytest.mark.parametrize("command", ["config show", "config restore"])
def test_a_version_that_is_not_there(run, command):
    answer = run(command, DOMAIN, 77)

    assert answer.exit_code == 1
    assert "77" in answer.stderr


@pytest.mark.parametrize("mode", ["observe", "off", "active"])
def test_a_salon_is_switched(run, stand, mode):
    answer = run("salon mode", DOMAIN, URAL, mode)

    assert answer.exit_code == 0, answer.stderr
    assert connections.get(stand.account.id, URAL).mode == mode


def test_an_unknown_salon(run):
    answer = run("salon mode", DOMAIN, 5, "off")

    assert answer.exit_code == 1
    assert "Салона 5" in answer.stderr


@pytest.mark.parametrize("command", [
    "config export {}", "config hooks {}", "config versions {}", "config compare {} 1 2",
    "salon mode {} 1 off", "account resume {}", "account pause {}",
    "bookings import {}", "bookings reconcile {}", "bookings list {}",
])  # fmt: skip
def test_an_unknown_account_is_a_sentence(run, command):
    answer = run(command.format("nobody.amocrm.ru"))

    assert answer.exit_code == 1
    assert "nobody.amocrm.ru" in answer.stderr
    assert "Traceback" not in answer.output


def test_an_account_that_lost_its_tokens_is_a_sentence(run, stand, document):
    accounts.remove(stand.account.id, stand.now())

    answer = run("config import", DOMAIN, document(), env=ENV)

    assert answer.exit_code == 1
    assert "не подключён" in answer.stderr
