"""What a break hid comes from the PBX's own tables, in each kind of database, and no call comes twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.telephony.call import Stage
from backend.flows.telephony.hearing import repair, table_rounds
from backend.flows.telephony.hearing.live import Live
from backend.integrations.asterisk import tables
from backend.integrations.asterisk.protocol import Parser
from backend.store import db, lanes
from backend.store.telephony import calls, pbxes, readings
from sandbox.asterisk import recorded
from tests.support.call_tables import CallTables
from tests.support.forwarding import forwarded

PLAYED = datetime(
    2026, 11, 21, 1, 0, tzinfo=UTC
)  # when the recorded calls were made, in the zone of their PBX
NIGHT = timedelta(hours=2)
OF_PARTS = (
    "src", "dst", "channel", "dstchannel", "lastdata", "duration", "billsec", "disposition", "uniqueid",
    "linkedid", "sequence", "recordingfile", "did",
)  # fmt: skip


@pytest.fixture
def stand(calls):
    return calls


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def engine(request):
    return request.param


@pytest.fixture
def played(engine, request, tmp_path):
    """Empty call tables in a database of this kind."""
    if engine == "sqlite":
        address = f"sqlite:///{tmp_path / 'master.db'}"
    else:
        address = request.getfixturevalue("mariadb_url" if engine == "mysql" else "postgres_address")
    opened = CallTables(address)
    yield opened
    opened.close()


@pytest.fixture
def postgres_address(postgres, postgres_url):
    """As a PBX's owner would give it: a server with a port."""
    name = postgres_url.rpartition("@/")[2].partition("?")[0]
    with forwarded(Path(postgres.directory) / ".s.PGSQL.5432") as port:
        yield f"postgresql://postgres@127.0.0.1:{port}/{name}"


@pytest.fixture
def file_tables(tmp_path):
    opened = CallTables(f"sqlite:///{tmp_path / 'master.db'}")
    yield opened
    opened.close()


def connected(stand, address, **options):
    """The PBX with these tables, read up to now."""
    return pbxes.save(
        pbxes.Pbx(
            id=stand.pbx.id, account_id=stand.account.id, code=stand.pbx.code,
            options={"tables": address, "zone": "UTC", **options},
        )
    )  # fmt: skip


def rows(stand):
    return sorted(calls.portion(stand.account.id, calls.CallFilters()), key=lambda row: row.began_at)


def told(stand):
    """Keys of the events that are to be decided."""
    sql = "SELECT dedup_key FROM inbound_events WHERE kind = 'call.ended' ORDER BY id"
    return [key for (key,) in db.rows(sql)]


def hear(stand, pbx, scenario, until=None, ahead=timedelta(0)):
    """What the stream told of a call, up to an event; returns the Live that heard it. `ahead`: by how much
    the clock of the PBX was wrong when that was recorded.
    """
    live, heard = Live(stand.ctx, pbx), None
    live.clock_ahead = ahead
    for frame in Parser().feed(recorded.stream(recorded.Name("16", "all", scenario))):
        if frame.get("Timestamp"):
            if until and frame.name == until:
                break
            heard = datetime.fromtimestamp(float(frame.get("Timestamp")), UTC) - ahead
            live.take([frame], heard)
            live.store(heard)
    live.store(heard + timedelta(seconds=2))
    return live, heard


def test_calls_that_nobody_heard_are_added_once(stand, played):
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    played.play("inbound-answered")
    played.play("transfer-attended")

    first = repair.run(stand.ctx, pbx)
    second = repair.run(stand.ctx, pbx)

    assert (len(first.added), first.completed, second.added, second.completed) == (2, [], [], [])
    assert [row.call.talked for row in rows(stand)] == [("101",), ("101", "102")]
    assert all(row.state == "ended" and row.source == "cel" and row.call.recordings for row in rows(stand))
    assert len(told(stand)) == 2


def test_what_was_there_before_the_first_look_stays_there(stand, played):
    played.play("inbound-answered")
    pbx = connected(stand, played.address)

    assert repair.run(stand.ctx, pbx).added == []
    assert repair.run(stand.ctx, pbx).added == []


def test_a_call_that_was_heard_is_left_as_it_is(stand, played):
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    hear(stand, pbx, "pickup")
    played.play("pickup")

    repaired = repair.run(stand.ctx, pbx)

    assert (repaired.found, repaired.added, repaired.completed) == (1, [], [])
    (row,) = rows(stand)
    assert (row.source, row.is_incomplete) == ("ami", False)
    assert len(told(stand)) == 1


def test_a_call_cut_off_by_a_break_is_completed(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    live, heard = hear(stand, pbx, "transfer-blind", until="BlindTransfer")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))
    assert (rows(stand)[0].state, told(stand)) == ("open", [])

    file_tables.play("transfer-blind")
    repaired = repair.run(stand.ctx, pbx)

    (row,) = rows(stand)
    assert repaired.completed == [row.uniq]
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", False)
    assert row.call.talked == ("101", "102")
    assert len(told(stand)) == 1


def test_a_wrong_clock_is_put_right_in_what_is_heard_and_in_the_tables_alike(stand, played):
    """Two hours: more than a call takes, so one that was put right alone would be another one."""
    wrong = timedelta(hours=2)
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    pbxes.note_state(pbx.id, clock_ahead_ms=wrong // timedelta(milliseconds=1))
    live, heard = hear(stand, pbx, "transfer-blind", until="BlindTransfer", ahead=wrong)
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))
    began = rows(stand)[0].began_at
    played.play("transfer-blind")
    played.play("inbound-answered")

    repaired = repair.run(stand.ctx, pbx)

    by_uniq = {row.uniq: row for row in rows(stand)}
    (completed,), (added,) = repaired.completed, repaired.added
    row = by_uniq[completed]
    assert len(by_uniq) == 2
    assert abs(row.began_at - began) < timedelta(seconds=0.5)
    assert (row.call.talked, row.is_incomplete) == (("101", "102"), False)
    assert row.call.ended_at - row.call.began_at < timedelta(minutes=1)
    assert abs(by_uniq[added].began_at + wrong - PLAYED) < timedelta(hours=1)
    again = repair.run(stand.ctx, pbx, began - timedelta(minutes=1), began + timedelta(minutes=1))
    assert again.found
    assert not again.added


def test_a_call_that_no_table_tells_of_does_not_wait_for_ever(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    live, heard = hear(stand, pbx, "inbound-answered", until="Hangup")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))

    assert repair.run(stand.ctx, pbx).closed == []
    stand.pass_time(repair.PATIENCE.total_seconds() + 1)
    assert len(repair.run(stand.ctx, pbx).closed) == 1
    (row,) = rows(stand)
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", True)
    assert len(told(stand)) == 1


def test_tables_that_come_back_late_still_complete_such_a_call(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    live, heard = hear(stand, pbx, "transfer-blind", until="BlindTransfer")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))
    stand.pass_time(repair.PATIENCE.total_seconds() + 1)
    repair.run(stand.ctx, pbx)
    file_tables.play("transfer-blind")
    repair.run(stand.ctx, pbx)

    (row,) = rows(stand)
    assert (row.call.talked, row.is_incomplete) == (("101", "102"), False)
    assert len(told(stand)) == 2


def test_tables_that_are_away_are_a_trouble_and_no_call_is_lost(stand, tmp_path):
    pbx = connected(stand, f"sqlite:///{tmp_path / 'nothing.db'}")
    live, heard = hear(stand, pbx, "inbound-answered", until="Hangup")
    live.resync([], since=heard + NIGHT, at=heard + NIGHT)
    live.store(heard + NIGHT + timedelta(seconds=2))

    with pytest.raises(TryLater):
        repair.run(stand.ctx, pbx)
    assert readings.of(pbx.id).trouble == "tables.unreachable"
    stand.pass_time(repair.GIVES_UP.total_seconds() + 1)
    with pytest.raises(TryLater):
        repair.run(stand.ctx, pbx)
    assert [row.state for row in rows(stand)] == ["ended"]


def test_without_cel_the_parts_have_to_do(stand, played):
    played.execute("DROP TABLE cel")
    pbx = connected(stand, played.address)
    repair.run(stand.ctx, pbx)
    played.play("inbound-group", tables=["cdr"])

    assert len(repair.run(stand.ctx, pbx).added) == 1
    (row,) = rows(stand)
    assert (row.source, row.outcome, row.call.last_talker) == ("cdr", "answered", "102")


def test_a_part_that_ended_does_not_end_a_call_that_goes_on(stand, file_tables):
    file_tables.execute("DROP TABLE cel")
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    hear(stand, pbx, "transfer-blind", until="BlindTransfer")
    file_tables.play("transfer-blind", tables=["cdr"])

    assert repair.run(stand.ctx, pbx).completed == []
    assert rows(stand)[0].state == "open"


def test_another_part_completes_a_call_known_by_its_parts(stand, file_tables):
    file_tables.execute("DROP TABLE cel")
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    first, second = recorded.tables(recorded.Name("16", "all", "transfer-blind"))["cdr"]
    file_tables.add("cdr", first)
    assert len(repair.run(stand.ctx, pbx).added) == 1
    file_tables.add("cdr", second)
    repaired = repair.run(stand.ctx, pbx)

    (row,) = rows(stand)
    assert (repaired.completed, row.call.last_talker) == ([row.uniq], "102")
    assert repair.run(stand.ctx, pbx).completed == []


def test_calls_of_a_pbx_that_was_switched_off_do_not_go_on_for_ever(stand):
    hear(stand, stand.pbx, "inbound-answered", until="BridgeLeave")
    stand.pass_time(7200)
    assert table_rounds.close_abandoned(stand.ctx) == 0

    pbxes.remove(stand.pbx.id)
    assert table_rounds.close_abandoned(stand.ctx) == 1
    (row,) = rows(stand)
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", True)


def test_rows_without_numbers_are_read_by_their_time(stand, file_tables):
    """FreePBX's CDR table has none."""
    file_tables.execute("DROP TABLE cel")
    columns = ", ".join(OF_PARTS)
    file_tables.execute(f"CREATE TABLE parts AS SELECT calldate, {columns} FROM cdr")
    pbx = connected(stand, f"{file_tables.address}?cdr=parts")
    repair.run(stand.ctx, pbx)
    began = stand.now()
    row = recorded.tables(recorded.Name("16", "all", "inbound-answered"))["cdr"][0]
    shown = {name: row[name] for name in OF_PARTS}
    marks = ", ".join(["?"] * (len(shown) + 1))
    file_tables.connection.execute(
        f"INSERT INTO parts ({', '.join(shown)}, calldate) VALUES ({marks})",
        (*shown.values(), began.strftime("%Y-%m-%d %H:%M:%S")),
    )

    assert len(repair.run(stand.ctx, pbx).added) == 0
    stand.pass_time(90)
    assert len(repair.run(stand.ctx, pbx).added) == 1
    assert len(repair.run(stand.ctx, pbx).added) == 0


def test_a_period_is_read_again_and_decided_again(stand, file_tables):
    file_tables.play("inbound-answered")
    pbx = connected(stand, file_tables.address)
    repair.run(stand.ctx, pbx)
    hear(stand, pbx, "queue-answered")
    assert len(told(stand)) == 1

    table_rounds.order(stand.ctx, pbx, PLAYED, PLAYED + timedelta(hours=1))
    stand.work()

    assert [row.source for row in rows(stand)] == ["cel", "ami"]
    uniqs = [key.partition(":ended")[0] for key in told(stand)]
    assert sorted(uniqs.count(row.uniq) for row in rows(stand)) == [1, 2]


def test_a_senseless_period_is_refused(stand, file_tables):
    pbx = connected(stand, file_tables.address)
    for until in (PLAYED, PLAYED + timedelta(days=400)):
        with pytest.raises(InvalidInput, match=r"tables\.period"):
            table_rounds.order(stand.ctx, pbx, PLAYED, until)


def test_each_night_the_day_before_is_compared_once(stand, file_tables, monkeypatch):
    pbx = connected(stand, file_tables.address)
    lane = lanes.lane_id(stand.account.id, table_rounds.LANE)
    now = (PLAYED + timedelta(days=1)).replace(hour=3)
    object.__setattr__(stand.ctx, "now", lambda: now)
    file_tables.play("inbound-missed-timeout")

    assert table_rounds.run(stand.ctx, lane) == 0
    assert table_rounds.run(stand.ctx, lane) == 0
    (found,) = readings.comparisons(pbx.id)
    assert (found.report["calls"], found.report["n_added"]) == (1, 1)
    assert rows(stand)[0].outcome == "missed"


def test_a_table_that_lacks_events_is_told_from_a_whole_one(file_tables, stand):
    pbx = connected(stand, file_tables.address)
    assert repair.missing(pbx) == []
    file_tables.play("transfer-blind")
    assert repair.missing(pbx) == []
    file_tables.execute("DELETE FROM cel WHERE eventtype LIKE 'BRIDGE%'")

    assert repair.missing(pbx) == ["BRIDGE_ENTER", "BRIDGE_EXIT"]
    assert repair.missing(connected(stand, f"{file_tables.address}?cel=absent")) == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://nobody@host/base", "tables.address"), ("mysql://127.0.0.1:1/base", "tables.unreachable"),
        ("{}?cel=missing&cdr=absent", "tables.no_tables"), ("{}?cel=bare&cdr=absent", "tables.no_linked_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_tables_is_said(stand, file_tables, address, code):
    file_tables.execute("CREATE TABLE bare (uniqueid TEXT, eventtime TEXT)")
    pbx = connected(stand, address.format(file_tables.address))

    with pytest.raises(AppError) as caught:
        repair.missing(pbx)
    assert caught.value.code == code


@pytest.mark.parametrize("address", [
    "mysql://host/base?cel=cel;drop", "mysql://host/base?local_infile=1", "sqlite://host/file", "sqlite:///file",
    "mysql:///base", "postgresql://host/", "postgresql://host/a/b", "mysql://host:port/base", "",
])  # fmt: skip
def test_strange_addresses_are_refused(address):
    with pytest.raises(InvalidInput, match=r"tables\.address"):
        tables.parse(address)


def test_a_wrong_password_names_no_password(mariadb, mariadb_url):
    wrong = mariadb_url.replace(mariadb.password, "not-the-password")
    with pytest.raises(InvalidInput, match=r"tables\.refused") as caught, tables.opened(wrong):
        pass
    assert "not-the-password" not in str(caught.value)


def test_nothing_is_ever_written(played):
    with tables.opened(played.address) as opened, pytest.raises((InvalidInput, TryLater)):
        opened._asked("DELETE FROM cel", ())


def test_a_reader_may_read_and_that_is_enough(stand, mariadb, mariadb_url):
    opened = CallTables(mariadb_url)
    opened.play("inbound-answered")
    opened.close()
    pbx = connected(stand, mariadb.reader_url(mariadb_url))

    repaired = repair.run(stand.ctx, pbx, PLAYED, PLAYED + timedelta(hours=1))
    assert len(repaired.added) == 1
    assert rows(stand)[0].stage == Stage.ENDED


def test_the_pbx_has_a_clock_of_its_own(stand, file_tables):
    file_tables.play("inbound-answered")
    pbx = connected(stand, file_tables.address, zone="Asia/Vladivostok")

    repair.run(stand.ctx, pbx, PLAYED - timedelta(hours=11), PLAYED - timedelta(hours=9))
    (row,) = rows(stand)
    assert row.began_at.hour == 15
