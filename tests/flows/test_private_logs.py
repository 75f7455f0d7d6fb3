"""Whatever happens, a log line names no person and no secret: people send logs to others for help."""

import contextlib
import logging
import re

import pytest

from backend import logs
from backend.core.errors import AppError
from backend.flows.road import inbox, reconcile
from backend.flows.vendors import tokens
from backend.store import accounts, connections
from tests.support.stand import LASER_ARMPITS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

DAY = 86400
SURNAMES = ("Тайнова", "Скрытная", "Незримова", "Безымянная")
COMMENT = "аллергия на лидокаин"
PERSON = {"id": 5, "name": f"Аполлинария {SURNAMES[0]}", "phone": "+7 (916) 555-01-77"}
TROUBLES = (
    ("429", "leads"), ("504", "leads"), ("500", "contacts"), ("504_after_commit", "leads"),
    ("reset_after_commit", "leads"), ("timeout", "leads"), ("reset_after_commit", "leads/notes"),
)  # fmt: skip
BAD = (
    {"datetime": PERSON["name"]}, {"services": PERSON["name"]}, {"client": PERSON["phone"]},
    {"staff_id": COMMENT}, {"services": [{"id": PERSON["phone"], "cost": COMMENT}]},
    {"attendance": PERSON["name"]}, {"id": COMMENT},
    {"last_change_date": COMMENT}, {"client": {"id": COMMENT, "name": 5, "phone": {"of": PERSON["name"]}}},
)  # fmt: skip

LOGGED = (
    "tokens refreshed", "reconcile postponed", "record unreadable", "request refused",
    "stopped scope=account", "event failed", "request failed", "Traceback",
)  # fmt: skip
MANY_LINES = 30


class Secrets:
    """Every secret that the account has ever had; tokens change during the day."""

    def __init__(self, stand):
        self.stand = stand
        self.seen = {"sandbox-client-secret", "salon-token", stand.ctx.settings.secret_key}
        self.seen |= {branch.hook_secret for branch in connections.of_account(stand.account.id)}
        self.note()

    def note(self):
        issued = self.stand.world.amocrm.tokens
        self.seen |= {*issued.codes, *issued.access, *issued.refresh, *issued.revoked}
        self.seen.add(accounts.by_id(self.stand.account.id).hook_secret)


@contextlib.contextmanager
def production_log(capsys):
    """The lines of the block at the most talkative level; the logging of the tests comes back afterwards."""
    loggers = [logging.getLogger(name) for name in (None, *logs.NOISY)]
    levels = [logger.level for logger in loggers]
    handlers, loggers[0].handlers[:] = loggers[0].handlers[:], []  # else they would be closed
    lines = []
    logs.configure("DEBUG")
    try:
        yield lines
    finally:
        lines += capsys.readouterr().err.splitlines()
        loggers[0].handlers[:] = handlers
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@pytest.fixture
def bad_hooks(stand, post_hook, caught_hooks):
    """Hooks that nobody can read, with people in them, and doors that are shaken."""

    def shake():
        stand.book(LASER_ARMPITS, client=(PERSON["name"], PERSON["phone"]), comment=COMMENT)
        (hook,) = caught_hooks()
        for change in BAD:
            post_hook({**hook, "data": {**hook["data"], **change}})
        post_hook(str(hook).encode())
        post_hook({**hook, "resource": PERSON["name"]})
        post_hook({**hook, "company_id": URAL})
        browser = stand.app.test_client()
        secret = connections.get(stand.account.id, TVERSKAYA).hook_secret
        browser.get(f"/hooks/yclients/{secret}")
        browser.post(f"/hooks/yclients/{secret}x", json=hook)
        browser.post(f"/hooks/amocrm/{accounts.by_id(stand.account.id).hook_secret}", data=str(hook))
        browser.get("/oauth/amocrm/callback", query_string={"code": "c", "referer": PERSON["name"]})
        return hook

    return shake


def live_through(stand, secrets):
    """A day with every trouble; each of them befalls a booking of its own."""
    for number, (kind, match) in enumerate(TROUBLES):
        name = f"Аполлинария {SURNAMES[number % len(SURNAMES)]}"
        stand.world.amocrm.faults(kind=kind, match=match, next=1, seconds=60)
        stand.world.yclients.faults(kind=("429", "500", "timeout")[number % 3], next=1, seconds=60)
        stand.book(
            LASER_ARMPITS, client=(name, f"+791655501{number:02d}"), comment=COMMENT, at=f"+{2 + number}"
        )
        stand.settle(1200)
    stand.world.amocrm.tokens.access.pop(accounts.tokens(stand.account.id).access)
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=(PERSON["name"], PERSON["phone"]))
    stand.settle(1200)
    secrets.note()
    stand.world.clock.advance(2 * DAY)
    for kind in ("429", "500"):
        stand.world.yclients.faults_clear()
        stand.world.yclients.faults(kind=kind, next=1)
        stand.reconcile()
    stand.settle(1200)
    secrets.note()


def feed_bad_records(stand, record):
    """The salon's list holds what no hook has told."""
    branch = connections.get(stand.account.id, TVERSKAYA)
    for number, change in enumerate(BAD):
        reconcile.feed(stand.ctx, stand.account.id, branch, [{**record, "id": 880000 + number, **change}])
    stand.settle()


def lose_the_tokens(stand, secrets):
    """The answer to an exchange is lost, and the account stops at its next booking."""
    stand.world.clock.advance(2 * DAY)
    stand.world.amocrm.faults(kind="reset_after_commit", match="oauth2/access_token", next=1)
    for _ in range(2):
        with pytest.raises(AppError):
            tokens.access_token(stand.ctx, stand.account.id)
    stand.book(LASER_ARMPITS, client=(PERSON["name"], PERSON["phone"]), comment=COMMENT)
    stand.settle(1200)
    secrets.note()


def break_our_code(stand, monkeypatch, post_hook, hook):
    """A bug of ours in the middle of a booking, and one behind a door."""

    def crash(*_arguments):
        raise KeyError("crash")

    stand.book(LASER_ARMPITS, client=(PERSON["name"], PERSON["phone"]), comment=COMMENT)
    with monkeypatch.context() as broken:
        broken.setitem(inbox.FLOWS, "yclients.record", crash)
        stand.settle()
        broken.setattr(inbox, "receive", crash)
        assert post_hook(hook) == 500


def people_in(stand):
    """Every way in which the people of the data may be written, at least their telling parts."""
    contacts = stand.contacts()
    names = {word for contact in contacts for word in contact["name"].split()}
    phones = {re.sub(r"\D", "", phone)[-10:] for contact in contacts for phone in stand.phones(contact)}
    return names, phones


def test_no_log_line_names_a_person_or_a_secret(stand, bad_hooks, post_hook, monkeypatch, capsys):
    secrets = Secrets(stand)

    with production_log(capsys) as written:
        live_through(stand, secrets)
        hook = bad_hooks()
        feed_bad_records(stand, hook["data"])
        break_our_code(stand, monkeypatch, post_hook, hook)
        lose_the_tokens(stand, secrets)

    names, phones = people_in(stand)
    assert {*SURNAMES, "Аполлинария"} <= names
    assert len(phones) == len(TROUBLES) + 1
    assert len(secrets.seen) >= 10
    text = "\n".join(written)
    assert [line for line in LOGGED if line not in text] == []
    assert len(written) >= MANY_LINES
    digits = re.sub(r"[ ()+-]", "", text)
    assert [private for private in (*names, COMMENT, *secrets.seen) if private in text] == []
    assert [phone for phone in phones if phone in digits] == []
