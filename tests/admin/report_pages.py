"""Reports as tests ask for them: visits of two people, the days around, a page as it is read."""

import pytest

from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import LASER_ARMPITS

NAMES = ("unmarked", "lost", "rebooking", "money")
MARIA, ELENA = ("Мария", "+79990000001"), ("Елена", "+79990000002")
CAME, MISSED = 1, -1


def look(browser, name, **query):
    return text_of(browser.get(f"{HOME}/reports/{name}", query_string=query))


def around(stand):
    """Days that hold everything of a test."""
    return {"since": stand.today(-10), "until": stand.today(40)}


@pytest.fixture
def visit(stand):
    """A visit of today, marked when `mark` is given."""

    def make(*services, client=MARIA, mark=None, **more):
        record = stand.book(
            *(services or (LASER_ARMPITS,)), client=client, **{"at": f"{stand.today()} 09:00:00", **more}
        )
        stand.settle()
        if mark is not None:
            stand.mark(record, mark)
            stand.settle()
        return record

    return make
