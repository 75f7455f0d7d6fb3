"""Kopecks inside, rubles at the edges."""

from decimal import Decimal

import pytest

from backend.core import money
from backend.core.money import Kopecks


@pytest.mark.parametrize(
    ("rubles", "kopecks"),
    [
        (0, 0),
        (2500, 250000),
        ("2500", 250000),
        ("2500.5", 250050),
        (Decimal("0.005"), 1),
        (Decimal("-10.01"), -1001),
    ],
)
def test_rubles_become_kopecks(rubles, kopecks):
    assert money.from_rubles(rubles) == kopecks


@pytest.mark.parametrize("text", ["", "много", "1,5", None, "NaN", "Infinity", [1]])
def test_what_is_no_sum_is_refused(text):
    with pytest.raises(ValueError, match="not a sum of money"):
        money.from_rubles(text)


@pytest.mark.parametrize(("kopecks", "rubles"), [(0, 0), (249949, 2499), (249950, 2500), (100, 1)])
def test_the_budget_is_whole_rubles(kopecks, rubles):
    assert money.to_whole_rubles(Kopecks(kopecks)) == rubles


@pytest.mark.parametrize(
    ("kopecks", "text"),
    [(0, "0 ₽"), (250000, "2 500 ₽"), (1030000, "10 300 ₽"), (123456789, "1 234 567,89 ₽"), (5, "0,05 ₽")],
)
def test_a_sum_as_a_salon_writes_it(kopecks, text):
    assert money.shown(Kopecks(kopecks)) == text
