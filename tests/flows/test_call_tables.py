"""Call tables as PBXes have them: parts without events, other columns and clocks, what is wrong with them."""

from datetime import timedelta

import pytest

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.telephony.call import Stage
from backend.flows.telephony.hearing import repair
from backend.integrations.asterisk import tables
from sandbox.asterisk import recorded
from tests.support.call_fixtures import stand
from tests.support.call_tables import CallTables
from tests.support.played import PLAYED, connected, hear, rows

__all__ = ["stand"]

OF_PARTS = (
    "src", "dst", "channel", "dstchannel", "lastdata", "duration", "billsec", "disposition", "uniqueid",
    "linkedid", "sequence", "recordingfile", "did",
)  # fmt: skip


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
