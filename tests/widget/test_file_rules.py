"""What the builder says about files and pictures."""

import pytest

from deploy.build_widget import check
from tests.widget.pieces import chunk, edit, picture


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("images/logo.png", picture(131, 100), "is 131×100, must be 130×100"),
        ("images/logo_main.png", picture(400, 272, chunk(b"acTL", b"\0" * 8)), "is animated"),
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
