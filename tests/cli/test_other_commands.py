"""`bookings …`, `events …`, `account …`, `operator …`, `secrets …`, `db …` as an administrator types them."""

import dataclasses
import json
from threading import Event, Thread

import pytest
from redis.exceptions import RedisError

from backend.cli import bookings
from backend.store import accounts, db, migrate, operators, secrets
from tests.support.stand import DOMAIN, LASER_ARMPITS, TVERSKAYA, VERA


@pytest.fixture
def booked(stand):
    """A booking that has its lead."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


@pytest.fixture
def working(stand, monkeypatch):
    """A worker beside the command, for whom time flies."""
    monkeypatch.setattr(bookings, "LOOK_SECONDS", 0.01)
    is_over = Event()

    def work():
        with db.connection():
            while not is_over.wait(0.05):
                stand.pass_time(60)

    worker = Thread(target=work)
    worker.start()
    yield
    is_over.set()
    worker.join()


# --- bookings ---


def test_existing_bookings_are_imported(run, stand):
    record = stand.book(LASER_ARMPITS)
    stand.world.sender.drop("yclients")

    answer = run("bookings import", DOMAIN)
    stand.settle()

    assert answer.exit_code == 0, answer.stderr
    assert "1" in answer.stdout
    assert stand.lead_of(record)["pipeline_id"] == 8001


def test_lost_hooks_are_made_up_for(run, stand, booked):
    stand.mark(booked, 2)
    stand.world.sender.drop("yclients")

    answer = run("bookings reconcile", DOMAIN)
    stand.settle()

    assert answer.exit_code == 0, answer.stderr
    assert stand.lead_of(booked)["status_id"] == 8102


def test_waiting_ends_when_nothing_is_pending(run):
    answer = run("bookings import --wait", DOMAIN)

    assert answer.exit_code == 0, answer.stderr
    assert "Готово: 0" in answer.stdout


def test_waiting_shows_how_far_the_workers_are(run, stand, working):
    stand.book(LASER_ARMPITS)
    stand.book(LASER_ARMPITS, client=("Ольга", "+79990000002"))
    stand.world.sender.drop("yclients")

    answer = run("bookings import --wait", DOMAIN)

    assert answer.exit_code == 0, answer.stderr
    assert "Обработка  [####" in answer.stdout
    assert "100%" in answer.stdout
    assert answer.stdout.endswith("Готово: 2.\n")


def test_waiting_for_workers_that_are_not_there_ends_too(run, stand, monkeypatch):
    stand.book(LASER_ARMPITS)
    monkeypatch.setattr(bookings, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(bookings, "LOOK_SECONDS", 0)

    answer = run("bookings import --wait", DOMAIN)

    assert answer.exit_code == 1
    assert "осталось 1" in answer.stderr


def test_bookings_are_listed_for_scripts(run, stand, booked):
    answer = run("bookings list --json", DOMAIN)

    (row,) = json.loads(answer.stdout)
    assert row["key"] == f"yclients:{TVERSKAYA}:{booked['id']}"
    assert row["lead_id"] == stand.lead_of(booked)["id"]
    assert (row["phase"], row["branch"]) == ("waiting", "Тверская")
    assert "«Эпиляция»" in row["reason"]
    assert "«Тверская»" in row["reason"]


def test_bookings_are_listed_for_people(run, booked):
    answer = run("bookings list", DOMAIN)

    assert answer.stdout.startswith(f"yclients:{TVERSKAYA}:{booked['id']}\t")
    assert "ожидание" in answer.stdout


def test_a_skipped_booking_says_why(run, stand):
    stand.book(LASER_ARMPITS, staff=VERA, client=None)
    stand.settle()

    (row,) = json.loads(run("bookings list --json", DOMAIN).stdout)

    assert row["lead_id"] is None
    assert row["reason"] == "В записи нет клиента: сделку не с кем связать."


def test_an_empty_list_is_still_json(run):
    assert json.loads(run("bookings list --json", DOMAIN).stdout) == []


def test_an_event_is_replayed(run, stand, booked):
    (event, *_) = stand.events(booked)

    answer = run("events replay", event.id)
    stand.work()

    assert answer.exit_code == 0, answer.stderr
    assert len(stand.events(booked)) == 2
    assert len(stand.leads()) == 1


def test_an_event_that_is_not_there(run):
    answer = run("events replay", 999999)

    assert answer.exit_code == 1
    assert "999999" in answer.stderr


# --- accounts ---


def test_an_account_pauses_and_resumes(run, stand):
    paused = run("account pause", DOMAIN)
    state = accounts.by_domain(DOMAIN).state
    resumed = run("account resume", DOMAIN)

    assert (paused.exit_code, resumed.exit_code) == (0, 0)
    assert (state, accounts.by_domain(DOMAIN).state) == ("paused", "active")


def test_accounts_are_listed(run):
    assert run("account list").stdout == f"{DOMAIN}\tработает\n"


# --- operators ---


def test_an_operator_is_added_by_a_pipe(run, stand):
    answer = run("operator add anna --password-stdin", input="a long password\n")

    assert answer.exit_code == 0, answer.stderr
    assert operators.verify("anna", "a long password", stand.now()).role == "owner"


def test_an_operator_is_asked_twice_and_unseen(run, stand):
    answer = run("operator add boris --role viewer", input="another password\nanother password\n")

    assert answer.exit_code == 0, answer.stderr
    assert "another password" not in answer.output
    assert operators.verify("boris", "another password", stand.now()).role == "viewer"


def test_a_short_password_is_refused(run):
    answer = run("operator add anna --password-stdin", input="short\n")

    assert answer.exit_code == 1
    assert "Пароль" in answer.stderr


# --- the service itself ---


def test_an_upgraded_database_needs_nothing(run):
    answer = run("db upgrade")

    assert answer.exit_code == 0
    assert migrate.is_current()


def test_secrets_are_encrypted_anew(run, stand):
    secrets.configure(["n" * 40, "s" * 40])

    answer = run("secrets rotate")
    secrets.configure(["n" * 40])

    assert answer.exit_code == 0, answer.stderr
    assert accounts.tokens(stand.account.id).access


def test_a_database_that_was_never_upgraded_is_a_sentence(run, stand):
    db.run("DROP TABLE operators")

    answer = run("operator add anna --password-stdin", input="a long password\n")

    assert answer.exit_code == 1
    assert "db upgrade" in answer.stderr
    assert "Traceback" not in answer.output


def test_redis_away_is_a_sentence(run, stand, booked):
    def away(_):
        raise RedisError("connection refused")

    stand.app.extensions["mostik"] = dataclasses.replace(stand.ctx, ring=away)

    answer = run("account resume", DOMAIN)

    assert answer.exit_code == 1
    assert "REDIS_URL" in answer.stderr


def test_unreadable_secrets_are_a_sentence(run):
    secrets.configure(["another key"])

    answer = run("config export", DOMAIN)

    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
