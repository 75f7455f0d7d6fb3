"""`python -m tests.crash.token_victim ACCOUNT_ID`: exchanges tokens and dies with amoCRM's answer in hand."""

import sys

from backend import wiring
from backend.flows.vendors import tokens
from backend.settings import Settings
from backend.store import accounts
from tests.crash import points


def die_before_storing(*_args, **_more):
    points.die()


def main():
    accounts.save_tokens = die_before_storing
    tokens.access_token(wiring.build_context(Settings.from_env()), int(sys.argv[1]))


if __name__ == "__main__":
    main()
