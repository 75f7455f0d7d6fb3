"""What the builder says about the manifest and the texts."""

import pytest

from deploy.build_widget import check
from tests.widget.pieces import edit


def _widget(key, value):
    return lambda manifest: manifest["widget"].update({key: value})


def _drop(key):
    return lambda manifest: manifest["widget"].pop(key)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda manifest: manifest.pop("widget"), "widget is missing"),
        (_drop("name"), "widget.name"),
        (_drop("support"), "widget.support"),
        (_widget("version", 1), "widget.version"),
        (_widget("interface_version", 1), "widget.interface_version"),
        (_widget("init_once", "true"), "widget.init_once"),
        (_widget("locale", []), "widget.locale"),
        (_widget("locale", ["ru", "en", "de"]), "'de'"),
        (_widget("secret_key", "x"), "widget.secret_key"),
        (_widget("is_showcase", True), "is_showcase"),
        (lambda manifest: manifest.pop("locations"), "locations is missing"),
        (lambda manifest: manifest["locations"].append("lboard"), "'lboard' is unknown"),
        (lambda manifest: manifest["locations"].append("everywhere-1"), "'everywhere-1' is unknown"),
        (
            lambda manifest: manifest["locations"].append("lcard-0"),
            "'lcard' is named more than once",
        ),
        (lambda manifest: manifest.pop("dp"), "'dp' go together"),
        (lambda manifest: manifest["locations"].remove("digital_pipeline"), "'dp' go together"),
        (lambda manifest: manifest["locations"].remove("advanced_settings"), "'advanced' go together"),
        (lambda manifest: manifest.pop("advanced"), "'advanced' go together"),
        (lambda manifest: manifest["advanced"].clear(), "advanced.title is missing"),
        (lambda manifest: manifest["dp"].pop("title"), "dp.title is missing"),
        (lambda manifest: manifest["dp"].pop("action_multiple"), "dp.action_multiple"),
        (lambda manifest: manifest["dp"].update(webhook_url="http://x.example"), "dp.webhook_url"),
        (lambda manifest: manifest["dp"]["settings"]["note"].update(type="date"), "dp.settings.note.type"),
        (lambda manifest: manifest["dp"]["settings"]["note"].pop("name"), "dp.settings.note needs"),
        (lambda manifest: manifest.update(contacts={}), "'contacts' is not a part"),
        (_widget("support", {"link": "http://x.example"}), "widget.support"),
        (lambda manifest: manifest["locations"].append("cucard-1"), "'cucard' is not used"),
        (lambda manifest: manifest["locations"].remove("comcard-0"), "'comcard', which is not named"),
        (lambda manifest: manifest["locations"].remove("everywhere"), "'everywhere', which is not named"),
        (lambda manifest: manifest["locations"].remove("ccard-1"), "'ccard', which is not named"),
        (
            lambda manifest: manifest["tour"]["tour_images"].update(en=["/images/tour_1_ru.png"]),
            "must be images/tour_N_en.png",
        ),
        (lambda manifest: manifest.update(locations=["settings", "card_sdk"]), "'card_sdk' needs"),
        (lambda manifest: manifest.update(settings={}), "settings is required"),
        (lambda manifest: manifest.update(locations=["everywhere"]), "needs the location 'settings'"),
        (
            lambda manifest: manifest["settings"]["connection"].update(type="radio"),
            "settings.connection.type",
        ),
        (lambda manifest: manifest["settings"]["connection"].pop("required"), "settings.connection needs"),
        (
            lambda manifest: manifest["settings"].update(second=manifest["settings"]["connection"]),
            "more than one field of type custom",
        ),
        (lambda manifest: manifest.pop("tour"), "tour needs"),
        (lambda manifest: manifest["tour"]["tour_images"].pop("en"), "tour.tour_images"),
    ],
)
def test_a_broken_manifest_is_named(project, change, words):
    edit(project / "manifest.json", change)

    problems = check(project)

    assert any(problem.startswith("manifest.json: ") and words in problem for problem in problems), problems


def test_a_manifest_that_is_not_json_is_named(project):
    (project / "manifest.json").write_text("{")

    assert check(project) == ["manifest.json: is not a JSON object"]


@pytest.mark.parametrize(
    ("language", "change", "words"),
    [
        ("ru", lambda texts: texts["widget"].pop("name"), "widget.name, which the manifest names"),
        ("en", lambda texts: texts["settings"].update(connection=""), "settings.connection, which"),
        ("en", lambda texts: texts["state"].pop("again"), "state.again is missing"),
        ("en", lambda texts: texts["state"].update(again="Обновить"), "not in the language"),
        ("en", lambda texts: texts["state"].update(again="See mostik.ru"), ".ru link"),
        ("en", lambda texts: texts["state"].update(again="100 ₽"), "price in roubles"),
        ("ru", lambda texts: texts["widget"].update(name="amoМостик"), "must not carry the brand"),
        ("ru", lambda texts: texts["widget"].update(name="Амо-мостик"), "must not carry the brand"),
        ("en", lambda texts: texts["widget"].update(name="Kommo bridge"), "must not carry the brand"),
        ("ru", lambda texts: texts["state"].update(again="Откройте AmoCRM"), "spells amoCRM"),
        ("ru", lambda texts: texts["state"].update(again="Бесплатный пробный период"), "calls a trial free"),
        ("ru", lambda texts: texts["state"].update(again="<script>1</script>"), "has code in it"),
        ("ru", lambda texts: texts["state"].update(again="TODO"), "is not finished"),
        ("ru", lambda texts: texts["widget"].update(description="Мостик."), "names no address or phone"),
        ("en", lambda texts: texts["dp"].update(title=""), "dp.title, which"),
        ("en", lambda texts: texts["dp"].pop("note"), "dp.note, which"),
        ("en", lambda texts: texts["advanced"].pop("title"), "advanced.title, which"),
        (
            "en",
            lambda texts: texts["state"].update(nobody_reads="x"),
            "state.nobody_reads is used by nothing",
        ),
    ],
)
def test_a_broken_text_is_named(project, language, change, words):
    edit(project / f"widget/i18n/{language}.json", change)

    problems = check(project)

    name = f"widget/i18n/{language}.json: "
    assert any(problem.startswith(name) and words in problem for problem in problems), problems


def test_a_text_that_only_one_language_has_is_named_in_the_other(project):
    edit(project / "widget/i18n/ru.json", lambda texts: texts["state"].update(link="ещё"))

    assert check(project) == ["widget/i18n/en.json: state.link is missing, another language has it"]


def test_a_language_without_a_file_and_a_file_without_a_language_are_named(project):
    (project / "widget/i18n/en.json").rename(project / "widget/i18n/es.json")

    problems = check(project)

    assert "widget/i18n/en.json: cannot be read (FileNotFoundError)" in problems
    assert "widget/i18n/es.json: not a language of widget.locale" in problems
