"""The schema: applied once, by whoever comes first, and exactly what the models expect."""

import multiprocessing

from backend.store import (
    alarms,
    bookings,
    catalogue,
    configs,
    connections,
    db,
    events,
    lanes,
    links,
    migrate,
    mirror,
    operators,
    outbox,
)  # fmt: skip
from tests.store import contenders

MODULES = (alarms, bookings, catalogue, configs, connections, events, lanes, links, mirror, operators, outbox)


def test_upgrading_twice_changes_nothing(engine):
    first = migrate.upgrade()

    assert first[0] == "0001_initial"
    assert migrate.upgrade() == []
    assert migrate.is_current()


def test_processes_that_upgrade_together_apply_each_script_once(engine_url):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        jobs = [pool.apply_async(contenders.upgrade, (engine_url,)) for _ in range(3)]
        applied = [job.get(60) for job in jobs]

    assert sorted(map(len, applied)) == [0, 0, max(map(len, applied))]
    assert max(applied)[0] == "0001_initial"


def test_models_and_tables_have_the_same_columns(store):
    models = [
        model for model in db.BaseModel.__subclasses__() if model.__module__.startswith("backend.store")
    ]
    assert len(models) >= 20
    for model in models:
        expected = {(field.column_name, field.null) for field in model._meta.sorted_fields}
        table = model._meta.table_name
        found = {(column.name, column.null) for column in db.database.get_columns(table)}
        # SQLite calls a key nullable that it numbers itself
        assert {name for name, _ in found} == {name for name, _ in expected}, table
        keys = {column.name for column in db.database.get_columns(table) if column.primary_key}
        assert {pair for pair in found if pair[0] not in keys} == {p for p in expected if p[0] not in keys}, (
            table
        )


def test_scripts_import_nothing_of_the_application():
    for path in migrate.migrations.__path__:
        for script in __import__("pathlib").Path(path).glob("0*.py"):
            assert "backend" not in script.read_text()
