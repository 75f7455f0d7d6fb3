"""`python -m tests.crash.rollback_victim POINT COMPANY`: a return to GET8 by a process that dies at POINT; a
later one goes on where it was.
"""

import sys

from backend import wiring
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.returning import rollback, undoing
from backend.settings import Settings
from backend.store import accounts, foreign_writes, rollbacks, takeover_changes
from tests.crash import points


def die(*_args, **_more):
    points.die()


def after(owner, name):
    """Dies with the answer in hand."""
    original = getattr(owner, name)

    def passing(*args, **more):
        original(*args, **more)
        points.die()

    setattr(owner, name, passing)


PLACES = {
    "begun": lambda: setattr(rollback.long_work, "start", die),
    "listed": lambda: after(hook_lists, "restore"),
    "handing": lambda: setattr(foreign_writes, "release", die),
    "returned": lambda: setattr(undoing, "portion", die),
    "told": lambda: after(rollbacks, "save_lines"),
    "sent": lambda: setattr(takeover_changes, "mark_undone", die),
    "listing": lambda: after(rollbacks, "save_born"),
}


def main():
    point, company = sys.argv[1], int(sys.argv[2])
    ctx = wiring.build_context(Settings.from_env())
    rollback.long_work.start = lambda *_args: 0  # the workers of the installation are not to help
    PLACES[point]()
    (account,) = accounts.all_accounts()
    rollback_id = rollback.start(ctx, account, company, "анна", undo=True, stages=True)
    while not rollback.go_on(ctx, rollback_id):
        pass


if __name__ == "__main__":
    main()
