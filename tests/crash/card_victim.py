"""`python -m tests.crash.card_victim POINT PRESS`: a press of the card's button by a process that dies at
POINT: `asked` is before the journal is called, `answered` is with its answer in hand.
"""

import json
import sys

from backend import wiring
from backend.app import create_app
from backend.integrations.yclients.writes import YclientsDesk
from backend.settings import Settings
from backend.store import card_actions
from tests.crash import points


def die(*_args, **_more):
    points.die()


def main():
    if sys.argv[1] == "answered":
        card_actions.finish = die
    else:
        YclientsDesk.book = die
    press = json.loads(sys.argv[2])
    app = create_app(wiring.build_context(Settings.from_env()))
    app.test_client().post("/widget/book", headers=press["headers"], json=press["body"])


if __name__ == "__main__":
    main()
