"""Whatever a person types and whatever a client is called, a text stays a text."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from backend.core.templates import fields, filters, language
from backend.core.templates.fields import Kind
from backend.core.templates.language import read, render

names = st.sampled_from((*fields.TEXTS, fields.TASK))
words = st.text(max_size=30)
signs = st.sampled_from(
    ["{", "}", "[[", "]]", "\\", "|", ":", "\n", "{{", "}}", "клиент", "дата", "день", "or"]
)
filter_names = st.sampled_from([name for one in filters.FILTERS for name in (one.ru, one.en)])
arguments = st.sampled_from(["", ":5", ":слово", ":0"])
slots = st.builds(
    lambda field, used: "{" + field + "".join(f"|{name}{argument}" for name, argument in used) + "}",
    st.sampled_from(sorted(fields.elsewhere())), st.lists(st.tuples(filter_names, arguments), max_size=3),
)  # fmt: skip
sources = st.lists(words | signs | slots, max_size=40).map("".join)

OF_KIND = {
    Kind.TEXT: words, Kind.LINES: st.lists(words, max_size=4).map(tuple), Kind.MONEY: st.integers(),
    Kind.NUMBER: st.integers(), Kind.MOMENT: st.datetimes(timezones=st.just(UTC)),
}  # fmt: skip


@st.composite
def looks(draw):
    """Values of every field, some of them absent."""
    known = {field.code: field.kind for field in fields.elsewhere().values()}
    return {code: draw(st.none() | OF_KIND[kind]) for code, kind in known.items()}.get


@given(sources, names, looks())
def test_any_text_is_read_and_written(source, name, look):
    template = read(source, name)
    text = render(template, look, is_one_line=name in fields.ONE_LINE)

    assert len(text) <= language.LONGEST_TEXT
    assert not language.CONTROL.search(text)
    assert all(0 <= mistake.at <= len(source) for mistake in template.mistakes)
    assert name not in fields.ONE_LINE or "\n" not in text


@given(words, looks())
def test_plain_words_stay_as_they_are(source, look):
    plain = "".join(sign for sign in language._clean(source) if sign not in "{}[]\\")

    assert render(read(plain, fields.BOOKING_NOTE), look) == plain.strip()


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_client_puts_nothing_but_a_name_into_a_text(client, comment):
    """Whatever the name has in it, the rest of the text is the same: no field is read out of a value."""
    values = {"client": client, "comment": comment, "date": datetime(2026, 11, 21, 14, 30, tzinfo=UTC)}
    template = read("Клиент: <{клиент}> придёт {дата|день}", fields.BOOKING_NOTE)

    assert render(template, values.get) == f"Клиент: <{_seen(client)}> придёт 21.11.2026"


def _seen(value):
    return language.CONTROL.sub("", value.replace("\r\n", "\n").replace("\t", " "))


@given(sources, names)
def test_what_is_checked_once_is_never_refused_later(source, name):
    """A template without mistakes says what it says for an empty booking as well."""
    template = read(source, name)

    assert template.mistakes or isinstance(render(template, {}.get), str)
