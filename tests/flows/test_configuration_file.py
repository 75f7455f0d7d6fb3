"""YAML as a person means it: no word turns into something else, and no file can hurt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend import texts
from backend.core.errors import InvalidInput
from backend.flows.rules.configuration_file import LARGEST, MOST_VALUES, read, write


@pytest.mark.parametrize(("text", "value"), [
    ("off", "off"),
    ("no", "no"),
    ("yes", "yes"),
    ("12:30", "12:30"),
    ("2026-12-01", "2026-12-01"),
    ("007", "007"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    ("<<", "<<"),
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("-3", -3),
    ("1.5", 1.5),
    ("'5'", "5"),
])  # fmt: skip
def test_words_stay_what_they_are(text, value):
    assert read(f"key: {text}") == {"key": value}


@pytest.mark.parametrize(("text", "line"), [
    ("a: 1\na: 2", "2"),
    ("a: &x 1\nb: *x", "2"),
    ("a: 1\nb: [", "2"),
    ("a: 1\n? [1]\n: 2", "2"),
    ("!!python/object/apply:os.system [ls]", "1"),
    ("a: !!int x", "?"),
    ("[" * 100_000, "?"),
    ("a: \x00", "?"),
])  # fmt: skip
def test_a_bad_file_is_one_problem_with_its_line(text, line):
    with pytest.raises(InvalidInput) as caught:
        read(text)

    (problem,) = caught.value.details["problems"]
    assert (problem.code, problem.details["line"]) == ("configuration.yaml", line)
    assert line in texts.t(problem.code, "ru", **problem.details)


def test_a_file_without_end_is_not_read():
    with pytest.raises(InvalidInput) as caught:
        read("#" * (LARGEST + 1))

    assert caught.value.details["problems"][0].code == "configuration.too_large"


@pytest.mark.parametrize("text", ["[" + "a," * MOST_VALUES + "]", "- {}\n" * MOST_VALUES])
def test_a_short_file_of_countless_values_is_not_read(text):
    assert len(text) < LARGEST

    with pytest.raises(InvalidInput) as caught:
        read(text)

    assert [problem.code for problem in caught.value.details["problems"]] == ["configuration.too_many"]


TRAPS = ("off", "no", "12:30", "2026-12-01", "~", "007", "0x1F", "1_0", "1e5", "1.5", "=", "<<", "+1")
words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8) | st.sampled_from(
    TRAPS
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers() | words, inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(words, plain, max_size=4))
def test_what_is_written_is_read_back_the_same(document):
    assert read(write(document)) == document


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.integers() | words, plain, min_size=1, max_size=3), max_size=4), plain)
def test_lists_put_together_from_their_items_read_the_same(tables, other):
    document = {"title": other, "routes": tables, "branches": tables[:1]}

    assert read(write(document)) == document


def test_cyrillic_stays_readable():
    assert write({"title": "Тверская"}) == "{title: Тверская}\n"
