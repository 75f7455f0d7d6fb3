"""The generator of the documents' tables: what it refuses, and that it does not depend on the machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from docs.tools import get8, markdown, proof, rules, source, words
from docs.tools.markdown import DocsError

ROOT = Path(__file__).resolve().parents[2]
PAGE = "before\n<!-- generated:one -->\nold\n<!-- /generated -->\nafter\n"


def test_a_marked_place_is_written_anew_and_the_rest_stays():
    assert markdown.filled(PAGE, str.upper) == (
        "before\n<!-- generated:one -->\n\nONE\n\n<!-- /generated -->\nafter\n"
    )


def test_writing_twice_changes_nothing():
    once = markdown.filled(PAGE, str.upper)

    assert markdown.filled(once, str.upper) == once


def test_a_place_left_open_is_refused():
    with pytest.raises(DocsError, match="not closed"):
        markdown.filled("<!-- generated:one -->\nold\n", str.upper)


def test_a_place_that_swallows_the_next_is_refused():
    with pytest.raises(DocsError, match="not closed"):
        markdown.filled("<!-- generated:one -->\n" + PAGE, str.upper)


def test_a_pipe_does_not_end_a_cell():
    assert markdown.table(("a",), [("x | y\nz",)]).splitlines()[-1] == "| x \\| y z |"


@pytest.mark.parametrize(("chapter", "name"), [("tables", "nobody"), ("settings", "NOTHING")])
def test_what_nobody_explained_is_an_error(chapter, name):
    with pytest.raises(DocsError, match=name):
        words.of(chapter, name)


def test_a_new_column_has_to_be_explained():
    with pytest.raises(DocsError, match=r"accounts\.unheard_of"):
        words.of_column("accounts", "unheard_of")


def test_a_column_may_mean_something_else_in_its_own_table():
    assert words.of_column("lanes", "name") != words.of_column("crm_contacts", "name")


def test_an_option_is_explained_by_its_own_section():
    told = rules.options()

    assert "| `account.timezone` | `Europe/Moscow` |" in told
    assert "| `branches.timezone` | пусто |" in told
    assert "| `options.settle.no_show` | `300` |" in told


def test_classes_show_public_names_with_their_signatures():
    told = source.classes()

    assert "| `decide(facts: BookingFacts, rules: BookingRules) -> Decision` |" in told
    assert "`SecretBox.seal(secret: str) -> str`" in told
    assert "`_" not in told


def test_the_output_is_the_same_in_another_process_with_another_hash_seed():
    code = "from docs.tools.__main__ import TABLES; print([TABLES[name]() for name in sorted(TABLES)])"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1


ROWS_OF = {
    "A": 18,
    "B": 17,
    "C": 18,
    "D": 15,
    "E": 15,
    "F": 15,
    "G": 6,
    "H": 19,
    "I": 12,
    "J": 9,
    "K": 10,
    "L": 8,
    "M": 12,
}


def test_the_catalogue_is_listed_whole():
    assert list(proof.rows()) == [
        f"{letter}{n}" for letter, most in ROWS_OF.items() for n in range(1, most + 1)
    ]


def test_every_row_of_the_catalogue_has_a_test():
    found = proof.tests()

    assert [row for row in proof.rows() if row not in found] == []


def test_a_row_that_nobody_knows_is_refused(monkeypatch):
    monkeypatch.setattr(proof, "tests", lambda: {"A99": ("test_x.py",)})

    with pytest.raises(DocsError, match="A99"):
        proof.catalogue()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("row", "A99"), ("field", "colour_of_eyes"), ("option", "magic"), ("contact", "age"), ("spell", "x")],
)
def test_what_covers_a_function_has_to_exist(kind, name):
    with pytest.raises(DocsError, match=name if kind != "spell" else "spell"):
        get8._shown(kind, name)


def test_a_function_that_nothing_covers_names_the_probe_that_will_tell():
    unknown = [function for _, function in get8.all_functions() if not function["by"]]

    assert unknown
    assert all(function["probe"] in get8.PROBES for function in unknown)


def test_every_probe_will_tell_about_something():
    named = {function["probe"] for _, function in get8.all_functions() if "probe" in function}

    assert named == get8.PROBES
