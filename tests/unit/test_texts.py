"""Every reason and every error code has a sentence, in both languages, with the same gaps to fill."""

import ast
import re
from pathlib import Path

import pytest

from backend import texts
from backend.core.reasons import Reason
from backend.core.rules.configuration import Mode
from backend.core.salon import Phase
from backend.core.sync.commands import Command

ROOT = Path(__file__).parents[2]
RAISED = {"InvalidInput", "TryLater", "NeedsHuman"}
COMPLAINTS = {"complain", "raise_alarm", "say"}
VENDOR_CODES = ("unreachable", "busy", "too_many_requests", "failing", "blocked")
LABEL = re.compile(r"""\bt\(\s*["']([a-z_.]+)["']""")


def _calls():
    for path in [*ROOT.glob("backend/**/*.py"), *ROOT.glob("admin/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""), node


def _codes(names):
    """First or second argument that is a dotted text: `raise_alarm` has the account before its code."""
    for name, call in _calls():
        if name in names:
            given = [argument.value for argument in call.args[:2] if isinstance(argument, ast.Constant)]
            yield from (code for code in given if isinstance(code, str) and "." in code)


def test_both_languages_have_the_same_keys():
    assert set(texts.catalogue("ru")) == set(texts.catalogue("en"))


def test_both_languages_have_the_same_gaps():
    ru, en = texts.catalogue("ru"), texts.catalogue("en")

    different = [key for key in ru if _gaps(ru[key]) != _gaps(en[key])]

    assert different == []


def _gaps(entry):
    return set(re.findall(r"\{(\w+)\}", " ".join(entry) if isinstance(entry, list) else entry))


def test_plurals_have_a_form_for_every_number():
    russian = {key: len(entry) for key, entry in texts.catalogue("ru").items() if isinstance(entry, list)}
    english = {key: len(entry) for key, entry in texts.catalogue("en").items() if isinstance(entry, list)}

    assert russian == dict.fromkeys(russian, 3)
    assert english == dict.fromkeys(russian, 2)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence(reason):
    assert texts.has(f"reason.{reason}")


def test_every_error_code_has_a_sentence():
    missing = sorted({code for code in _codes(RAISED | COMPLAINTS) if not texts.has(code)})

    assert missing == []


@pytest.mark.parametrize("vendor", ["amocrm", "yclients"])
@pytest.mark.parametrize("code", VENDOR_CODES)
def test_every_trouble_of_a_vendor_has_a_sentence(vendor, code):
    assert texts.has(f"{vendor}.{code}")


def test_every_code_for_a_person_says_what_to_press():
    missing = sorted({code for code in _codes({"NeedsHuman"}) if not texts.has(f"todo.{code}")})

    assert missing == []


def test_every_label_used_has_a_text():
    sources = [*ROOT.glob("admin/templates/**/*.html"), *ROOT.glob("backend/web/templates/**/*.html")]
    used = {label for path in sources for label in LABEL.findall(path.read_text(encoding="utf-8"))}

    assert used
    assert sorted(label for label in used if not texts.has(label) and not label.endswith(".")) == []


@pytest.mark.parametrize("value", [*Phase, *Mode])
def test_every_phase_and_mode_has_a_name(value):
    assert texts.has(f"{'phase' if isinstance(value, Phase) else 'mode'}.{value}")


@pytest.mark.parametrize("command", Command.__args__)
def test_every_command_has_a_name(command):
    assert texts.has(f"command.{command.__name__}")


@pytest.mark.parametrize(
    ("n", "form"),
    [
        *((n, "записей") for n in (0, 5, 11, 12, 14, 112)),
        *((n, "запись") for n in (1, 21, -1)),
        *((n, "записи") for n in (2, 4, 104)),
    ],
)
def test_russian_plurals(n, form):
    assert texts.plural(n, "запись", "записи", "записей") == form


def test_english_plurals():
    forms = [texts.plural(n, "booking", "bookings") for n in (0, 1, 2, 21)]

    assert forms == ["bookings", "booking", "bookings", "bookings"]


def test_a_missing_value_leaves_a_dash_and_an_unknown_code_shows_itself():
    assert texts.t("configuration.no_user", "en") == "The account has no user —."
    assert texts.t("no.such_code") == "no.such_code"


def test_values_are_never_read_as_templates():
    assert "{value}" in texts.t("configuration.no_user", "en", value="{value}")


def test_an_unknown_language_is_russian():
    assert texts.t("phase.arrived", "de") == texts.t("phase.arrived", "ru")
