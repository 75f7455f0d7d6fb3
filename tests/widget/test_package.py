import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from deploy.build_widget import build, check

PROJECT = Path.cwd()
ADDRESS = "https://bridge.example.net/app"


@pytest.fixture
def project(tmp_path):
    """A copy of the widget that a test may break."""
    shutil.copytree(PROJECT / "widget", tmp_path / "widget")
    shutil.copy(PROJECT / "manifest.json", tmp_path)
    return tmp_path


def edit(path, change):
    """Apply `change` to the JSON document at `path`."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False))


def picture(width, height, extra=b""):
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_our_widget_breaks_no_rule():
    assert check(PROJECT) == []


def test_the_archive_is_the_same_every_time(project):
    build(project, ADDRESS, project / "first.zip")
    for path in (project / "widget").rglob("*"):
        os.utime(path, (0, 10**9))
    build(project, ADDRESS, project / "second.zip")

    assert (project / "first.zip").read_bytes() == (project / "second.zip").read_bytes()


def test_the_manifest_is_at_the_root_beside_the_files_of_widget(project):
    build(project, ADDRESS, project / "widget.zip")

    with zipfile.ZipFile(project / "widget.zip") as archive:
        names = archive.namelist()
    assert {"manifest.json", "script.js", "i18n/ru.json", "images/logo.png"} <= set(names)
    assert not [name for name in names if name.startswith(("widget/", "/"))]


def test_the_archive_speaks_to_the_server_it_was_built_for(project):
    build(project, ADDRESS, project / "widget.zip")

    with zipfile.ZipFile(project / "widget.zip") as archive:
        address = archive.read("js/address.js").decode()
        manifest = json.loads(archive.read("manifest.json"))
    assert f"server: '{ADDRESS}'" in address
    assert manifest["widget"]["support"]["link"] == f"{ADDRESS}/help"
    assert manifest["dp"]["webhook_url"] == f"{ADDRESS}/widget/pipeline"


def test_the_archive_names_the_people_who_help_in_all_its_texts(project):
    build(project, ADDRESS, project / "widget.zip", "care@example.net")

    with zipfile.ZipFile(project / "widget.zip") as archive:
        texts = json.loads(archive.read("i18n/ru.json"))
        manifest = json.loads(archive.read("manifest.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert manifest["widget"]["support"]["email"] == "care@example.net"
    assert "care@example.net" in texts["widget"]["description"]
    assert b"example.com" not in everything


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
        (lambda manifest: manifest["locations"].append("comcard-1"), "'comcard' is not used"),
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


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("images/logo.png", picture(131, 100), "is 131×100, must be 130×100"),
        ("images/logo_main.png", picture(400, 272, _chunk(b"acTL", b"\0" * 8)), "is animated"),
        ("images/logo_min.png", picture(84, 84) + b"\0" * 300 * 1024, "larger than 300 KB"),
        ("images/logo_small.png", b"GIF89a" + b"\0" * 30, "is not a PNG"),
        ("images/tour_1_en.png", picture(1188, 615), "must be 1188×616"),
        ("images/spare.png", picture(1, 1), "nothing uses this file"),
        ("js/spare.js", b"define([], function () {\n  'use strict';\n});\n", "nothing uses this file"),
        ("templates/spare.twig", b"<p>{{ x }}</p>\n", "nothing uses this file"),
    ],
)
def test_a_broken_or_unused_file_is_named(project, name, data, words):
    (project / "widget" / name).write_bytes(data)

    problems = check(project)

    assert any(problem.startswith(f"widget/{name}: ") and words in problem for problem in problems), problems


@pytest.mark.parametrize("name", ["script.js", "images/logo_medium.png", "images/tour_1_ru.png"])
def test_a_missing_file_is_named(project, name):
    (project / "widget" / name).unlink()

    assert f"widget/{name}: missing" in check(project)


def test_the_picture_of_the_digital_pipeline_goes_with_its_location(project):
    (project / "widget/images/logo_dp.png").unlink()
    missing = check(project)
    (project / "widget/images/logo_dp.png").write_bytes(picture(174, 109))
    edit(project / "manifest.json", lambda manifest: manifest["locations"].remove("digital_pipeline"))

    assert "widget/images/logo_dp.png: missing" in missing
    assert "widget/images/logo_dp.png: nothing uses this file" in check(project)


def test_scripts_templates_and_styles_have_a_budget(project):
    path = project / "widget/css/widget.css"
    path.write_text(path.read_text() + ".ywx-x { color: red; }\n" * 4000)

    assert any(problem.startswith("widget: scripts, templates and styles are ") for problem in check(project))


@pytest.mark.parametrize("name", ["script.js", "i18n/ru.json", "templates/state.twig", "css/widget.css"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, "byte order mark"),
        (lambda data: data.replace(b"\n", b"\r\n"), "not Unix ones"),
        (lambda data: data + b"\xff", "is not UTF-8"),
    ],
)
def test_text_that_amocrm_would_misread_is_named(project, name, change, words):
    path = project / "widget" / name
    path.write_bytes(change(path.read_bytes()))

    problems = check(project)

    assert any(problem.startswith(f"widget/{name}: ") and words in problem for problem in problems), problems


def test_the_manifest_too_must_be_plain_text(project):
    path = project / "manifest.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert "manifest.json: begins with a byte order mark" in check(project)


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("script.js", "alert('x');", "a browser dialog"),
        ("script.js", "eval('x');", "eval"),
        ("script.js", "console.log('x');", "console output"),
        ("script.js", "const options = { async: false };", "a synchronous request"),
        ("script.js", "document.createElement('script');", "a script from elsewhere"),
        ("script.js", "APP.data.current_card = null;", "a write into amoCRM's own objects"),
        ("script.js", "window.ours = 1;", "a global variable"),
        ("script.js", "frame.postMessage(data, '*');", "a message to any window"),
        ("script.js", "node.innerHTML = text;", "HTML built in a script"),
        ("script.js", "fetch('/api/v4/leads');", "a request that is not authorized"),
        ("script.js", "$('.switcher__on').hide();", "switcher classes"),
        ("script.js", "// const old = 1;", "code in a comment"),
        ("script.js", "$('.js-widget-install').click();", "install buttons"),
        ("script.js", "setTimeout('step()', 10);", "code in a string"),
        ("script.js", "setInterval(step, 10);", "a timer that never ends"),
        ("script.js", "debugger;", "a breakpoint"),
        ("script.js", "document.head.appendChild(x);", "put into the head"),
        ("script.js", "$('head').append(x);", "in the head beside the style sheet"),
        ("script.js", "const view = AMOCRM.data;", "the old name of APP"),
        ("script.js", "const view = APP.router;", "a part of APP that is not documented"),
        ("script.js", "$('.button').trigger('click');", "a click that nobody made"),
        ("script.js", "/* const old = 1; */", "code in a comment"),
        ("script.js", "const x = atob(y);", "obfuscated code"),
        ("script.js", "import('https://x.example/x.js');", "a script from elsewhere"),
        ("script.js", "const x = 'https://x.example';", "belongs into js/address.js"),
        ("script.js", "for (const x of list) {\n  widget.$authorizedAjax({ x });\n}", "a request in a loop"),
        ("script.js", "list.forEach((x) => backend.card(x));", "a request in a loop"),
        ("script.js", "while (next()) backend.recheck(x, y);", "a request in a loop"),
        ("script.js", "list.map((x) => self.crm_post(x));", "a request in a loop"),
        ("script.js", "const long = '" + "x" * 250 + "';", "as if minified"),
        ("templates/state.twig", "<script>1</script>", "a script"),
        ("templates/state.twig", '<p style="color: red">x</p>', "an inline style"),
        ("templates/state.twig", '<p onclick="x()">x</p>', "an inline handler"),
        ("templates/state.twig", '<p class="title">x</p>', "without ywx-"),
        ("templates/state.twig", '<iframe src="x"></iframe>', "loads something"),
        ("templates/state.twig", "<p><img></p>", "loads something"),
        ("templates/state.twig", "{# why #}", "a comment that every visitor loads"),
        ("templates/state.twig", '<a href="https://x.example">x</a>', "an address of somebody else"),
        ("css/widget.css", ".ywx-x { position: fixed; }", "covers amoCRM's controls"),
        ("css/widget.css", ".ywx-x { background: url(https://x.example/x.png); }", "from elsewhere"),
        ("css/widget.css", ".ywx-state { color: red !important; }", "!important"),
        ("css/widget.css", "@import 'x.css';", "from elsewhere"),
        ("css/widget.css", "button { color: red; }", "selector 'button'"),
        ("css/widget.css", ".ywx-state, #panel { color: red; }", "selector '#panel'"),
    ],
)
def test_what_moderation_refuses_is_named_with_its_file(project, name, line, words):
    path = project / "widget" / name
    path.write_text(f"{path.read_text()}{line}\n")

    problems = check(project)

    assert any(problem.startswith(f"widget/{name}:") and words in problem for problem in problems), problems


def test_a_script_must_be_a_strict_amd_module(project):
    (project / "widget/script.js").write_text("const x = 1;\n")

    problems = check(project)

    assert "widget/script.js: is not an AMD module, it must begin with define(" in problems
    assert "widget/script.js: lacks 'use strict'" in problems


def test_a_module_asks_only_for_what_is_there(project):
    path = project / "widget/js/ui.js"
    path.write_text(path.read_text().replace("define(['jquery',", "define(['jquery', 'lodash', './gone.js',"))

    problems = check(project)

    end = "which is neither amoCRM's nor in the archive"
    assert f"widget/js/ui.js: asks for lodash, {end}" in problems
    assert f"widget/js/ui.js: asks for ./gone.js, {end}" in problems


def test_a_request_behind_a_loop_is_not_in_it(project):
    path = project / "widget/script.js"
    path.write_text(
        f"{path.read_text()}for (const x of list) {{ use(x); }}\nbackend.card(all, done, fail);\n"
    )

    assert check(project) == []


def test_debug_output_and_comparisons_are_allowed(project):
    path = project / "widget/script.js"
    path.write_text(path.read_text() + "console.debug(APP.lang_id === 'ru');\n// Says why, not what.\n")

    assert check(project) == []


def test_the_command_names_the_problem_and_makes_no_archive(project):
    (project / "widget/script.js").unlink()

    done = _command(project)

    assert done.returncode == 1
    assert "widget/script.js: missing" in done.stderr
    assert not (project / "dist").exists()


def test_the_command_refuses_an_address_that_would_break_the_script(project):
    done = _command(project, PUBLIC_URL="https://x.example'; steal();")

    assert done.returncode == 1
    assert done.stderr.startswith("PUBLIC_URL: ")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PUBLIC_URL": "http://bridge.example.net"}, "PUBLIC_URL: amoCRM calls https addresses only"),
        ({"PUBLIC_URL": "https://мостик.example"}, "PUBLIC_URL: expected an address"),
        ({"PUBLIC_URL": "bridge.example.net"}, "PUBLIC_URL: expected an address"),
        ({"SUPPORT_EMAIL": "support"}, "SUPPORT_EMAIL: expected an address"),
    ],
)
def test_the_command_refuses_addresses_amocrm_would_not_use(project, settings, words):
    done = _command(project, **settings)

    assert done.returncode == 1
    assert done.stderr.startswith(words)


def test_an_archive_for_a_trial_on_this_machine_says_so(project):
    done = _command(project, PUBLIC_URL="http://127.0.0.1:9100")

    assert done.returncode == 0, done.stderr
    assert "note: this archive works on this machine only" in done.stdout


def test_the_command_says_how_much_a_card_has_to_load(project):
    done = _command(project, PUBLIC_URL=ADDRESS, SUPPORT_EMAIL="care@example.net")

    assert re.search(r"scripts, templates and styles: \d+\.\d KB of 80\n", done.stdout)
    assert "note:" not in done.stdout


def test_the_command_builds_for_the_address_of_the_environment(project):
    done = _command(project, PUBLIC_URL=ADDRESS)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("dist/widget.zip: ")
    assert (project / "dist/widget.zip").stat().st_size > 10_000


def _command(project, **settings):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **settings}
    command = [sys.executable, "-m", "deploy.build_widget"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=60)
