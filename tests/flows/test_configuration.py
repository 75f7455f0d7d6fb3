"""A document becomes a version: all of it or nothing, with its fields in amoCRM and its salons read."""

import json

import pytest

from backend.core.errors import InvalidInput
from backend.core.rules.configuration import USUAL_FIELDS, FieldName, Mode
from backend.flows.rules import configuration, configuration_edit, configuration_file, configuration_import
from backend.store import accounts, catalogue, configs, connections
from tests.support.stand import CONFIGURATION, LASER_ARMPITS, OTHER, TVERSKAYA, UNMAPPED, URAL

TEXT = CONFIGURATION.read_text(encoding="utf-8")
ENV = {"YC_TOKEN": "salon-token"}


@pytest.fixture
def take(stand):
    """Imports a text; the environment knows the salons' token."""

    def imported(text, **more):
        return configuration_import.import_yaml(
            stand.ctx, stand.account, text, "Анна", **{"env": ENV, **more}
        )

    return imported


def changed(old, new):
    assert old in TEXT
    return TEXT.replace(old, new)


def found(result):
    return [(problem.path, problem.code) for problem in result.problems]


# --- the round trip ---


def test_an_export_imported_again_changes_nothing(stand, take):
    exported = configuration.export_yaml(stand.account.id)

    result = take(exported)

    assert (result.number, result.differences, result.problems) == (2, (), ())
    assert configuration.export_yaml(stand.account.id) == exported


def test_an_export_holds_no_token(stand):
    exported = configuration.export_yaml(stand.account.id)

    assert "salon-token" not in exported
    assert exported.count("user_token: kept") == 2


def test_no_version_holds_a_token(stand, take):
    take(TEXT)

    numbers = [version.number for version in configs.versions(stand.account.id)]
    stored = json.dumps([configs.get(stand.account.id, number).document for number in numbers])
    assert numbers
    assert "salon-token" not in stored


def test_an_account_without_a_configuration_exports_the_defaults(stand):
    document = configuration_file.read(configuration.export_yaml(stand.account.id + 1))

    assert document["branches"] == []
    assert document["options"]["settle"]["no_show"] == 300


# --- what an import does ---


def test_the_rules_in_force_follow_every_version(stand, take):
    before = configuration.load(stand.account.id)

    take(changed("no_show: 300", "no_show: 5"))

    after = configuration.load(stand.account.id)
    assert (before.version, before.configuration.options.settle.no_show) == (1, 300)
    assert (after.version, after.configuration.options.settle.no_show) == (2, 5)


def test_fields_are_made_once_and_found_again(stand, take):
    first = configs.field_ids(stand.account.id)

    take(TEXT)

    assert configs.field_ids(stand.account.id) == first
    codes = [field["code"] for field in stand.crm()["fields"] if field["id"] in first.values()]
    assert sorted(codes) == sorted(f"MOSTIK_{name.upper()}" for name in USUAL_FIELDS)


def test_the_key_field_is_for_programs_only(stand):
    key = configs.field_ids(stand.account.id)["key"]

    row = next(field for field in stand.crm()["fields"] if field["id"] == key)
    assert (row["code"], row["is_api_only"]) == ("MOSTIK_KEY", True)


def test_lists_offer_the_titles_and_grow_with_them(stand, take):
    take(changed("title: Урал", "title: Урал-2"))

    ids = configs.field_ids(stand.account.id)
    values = {f["id"]: [enum["value"] for enum in f["enums"] or ()] for f in stand.crm()["fields"]}
    assert values[ids["salon"]] == ["Тверская", "Урал", "Урал-2"]
    assert values[ids["direction"]] == ["Эпиляция", "Косметология", "Прочее"]


def test_a_chosen_field_is_used_and_an_unwanted_one_is_not_filled(stand, take):
    take(TEXT + "fields: {status: 9100, master: null}\n")

    ids = configuration.load(stand.account.id).field_ids
    assert ids[FieldName.STATUS] == 9100
    assert FieldName.MASTER not in ids


def test_new_fields_are_in_the_stored_schema(stand):
    schema = json.loads(accounts.by_id(stand.account.id).schema)

    known = {field["id"] for field in schema["lead_fields"]}
    assert set(configs.field_ids(stand.account.id).values()) <= known


def test_time_zones_and_catalogues_come_from_the_salons(stand):
    rows = {row.company_id: row for row in connections.of_account(stand.account.id)}

    assert rows[URAL].timezone == "Asia/Yekaterinburg"
    assert configuration.load(stand.account.id).configuration.branch(URAL).timezone == "Asia/Yekaterinburg"
    assert configuration.current(stand.account.id).branch(URAL).timezone is None
    titles = [service.title for service in catalogue.catalogue(rows[URAL].id).services]
    assert titles == ["Лазер: подмышки"]


def test_a_written_time_zone_wins_over_that_of_the_salon(stand, take):
    take(changed("{company_id: 41002,", "{company_id: 41002, timezone: Asia/Omsk,"))

    assert connections.get(stand.account.id, URAL).timezone == "Asia/Omsk"


def test_a_branch_left_out_is_switched_off_and_keeps_its_token(stand, take):
    lines = [line for line in TEXT.splitlines() if "41002, title" not in line and "branch: 41002" not in line]
    without_ural = "\n".join(lines[:-1]).replace(", 41002: [601]", "")

    result = take(without_ural)

    row = connections.get(stand.account.id, URAL)
    assert result.number == 2, result.problems
    assert (row.mode, row.user_token) == ("off", "salon-token")


def test_a_dry_run_writes_nothing(stand, take):
    result = take(changed("title: Урал", "title: Пермь"), dry_run=True)

    assert result.number is None
    assert [(d.path, d.old, d.new) for d in result.differences if "title" in d.path] == [
        ("branches[41002].title", "Урал", "Пермь")
    ]
    assert configuration.load(stand.account.id).version == 1
    assert "Пермь" not in str(stand.crm()["fields"])


def test_a_given_token_shows_without_its_value(take):
    changes = take(TEXT, dry_run=True).differences

    assert [(d.path, d.old, d.new) for d in changes] == [
        ("branches[41001].user_token", "kept", "new"),
        ("branches[41002].user_token", "kept", "new"),
    ]


# --- what an import refuses ---


@pytest.mark.parametrize(("old", "new", "path", "code"), [
    ("pipeline: 8003", "pipeline: 8009", "routes[2].pipeline", "configuration.no_pipeline"),
    ("no_show: 8305", "no_show: 8205", "routes[2].stages.no_show", "configuration.no_stage"),
    ("attachable: [8300", "attachable: [8309, 8399", "routes[2].attachable", "configuration.no_stage"),
    ("ranks: {8200: 10", "ranks: {8111: 10", "routes[1].ranks", "configuration.no_stage"),
    ("ranks: {8200: 10", "responsible_id: 7, ranks: {8200: 10", "", "configuration.yaml"),
    ("pipeline: 8003,", "pipeline: 8003, responsible_id: 7,", "routes[2].responsible_id",
     "configuration.no_user"),
    ("active, responsible_id: 7000003", "active, responsible_id: 8", "branches[1].responsible_id",
     "configuration.no_user"),
    ("cancelled: 501,", "cancelled: 577,", "options.loss_reasons.cancelled", "configuration.no_loss_reason"),
    ("multi_category: single", "common_pipelines: [8009]", "options.common_pipelines",
     "configuration.no_pipeline"),
    ("routes:", "fields: {salon: 12345}\nroutes:", "fields.salon", "configuration.no_field"),
    ("routes:", "fields: {visit_at: 9100}\nroutes:", "fields.visit_at", "configuration.field_type"),
    ("active, responsible_id: 7000003", "activ", "branches[1].mode", "configuration.unknown_value"),
    ("options:", "options: &all", "", "configuration.yaml"),
    ("branches:", "options: {}\nbranches:", "", "configuration.yaml"),
])  # fmt: skip
def test_a_refused_document_changes_nothing(stand, take, old, new, path, code):
    text = changed(old, new) + ("again: *all\n" if "&all" in new else "")

    result = take(text)

    assert result.number is None
    assert found(result) == [(path, code)]
    assert configuration.load(stand.account.id).version == 1


def test_kept_keeps_nothing_where_nothing_was(take):
    third = "  - {company_id: 41003, title: Арбат}\ndirections:"

    assert found(take(changed("directions:", third))) == [
        ("branches[2].user_token", "configuration.token_missing")
    ]


def test_an_upload_cannot_read_our_environment(stand, monkeypatch):
    monkeypatch.setenv("YC_TOKEN", "salon-token")

    result = configuration_import.import_yaml(stand.ctx, stand.account, TEXT, "Анна")

    assert {problem.code for problem in result.problems} == {"configuration.token_env_missing"}


def test_a_salon_that_refuses_us_is_told_of_and_the_version_stands(stand, take):
    result = take(TEXT, env={"YC_TOKEN": "wrong-token"})

    assert result.number == 2
    assert [path for path, _ in found(result)] == ["branches[0]", "branches[1]"]


def test_a_failure_in_the_middle_leaves_the_old_version(stand, take, monkeypatch):
    def broken(*_):
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr(accounts, "save_schema", broken)

    with pytest.raises(RuntimeError):
        take(changed("title: Урал", "title: Пермь"))

    assert configuration.load(stand.account.id).version == 1
    assert connections.get(stand.account.id, URAL).title == "Урал"


# --- versions ---


def test_versions_are_listed_compared_and_restored(stand, take):
    take(changed("no_show: 300", "no_show: 5"))

    changes = configuration.compare(stand.account.id, 1, 2)
    restored = configuration_import.restore(stand.ctx, stand.account, 1, "Пётр")

    assert [(d.path, d.old, d.new) for d in changes] == [("options.settle.no_show", 300, 5)]
    assert restored.number == 3
    assert configuration.load(stand.account.id).configuration.options.settle.no_show == 300
    assert [(v.number, v.author) for v in configuration.versions(stand.account.id)] == [
        (3, "Пётр"), (2, "Анна"), (1, "тест"),
    ]  # fmt: skip
    assert connections.get(stand.account.id, URAL).user_token == "salon-token"


@pytest.mark.parametrize("deed", ["restored", "imported"])
def test_what_was_compared_with_an_older_version_is_not_written(stand, take, deed):
    take(changed("title: Тверская", "title: Арбат"))
    deeds = {
        "restored": lambda: configuration_import.restore(stand.ctx, stand.account, 1, "Пётр", upon=1),
        "imported": lambda: take(TEXT, upon=1),
    }

    with pytest.raises(InvalidInput, match=r"configuration\.changed_meanwhile"):
        deeds[deed]()

    assert configuration.number(stand.account.id) == 2


def test_a_version_that_is_not_there(stand):
    with pytest.raises(InvalidInput, match=r"configuration\.no_version"):
        configuration.show(stand.account.id, 9)


def test_a_mode_is_switched_by_a_version(stand):
    result = configuration_edit.set_mode(stand.ctx, stand.account, URAL, Mode.OFF, "Анна")

    assert [(d.path, d.new) for d in result.differences] == [("branches[41002].mode", "off")]
    assert connections.get(stand.account.id, URAL).mode == "off"
    assert configuration.load(stand.account.id).configuration.branch(URAL).mode is Mode.OFF


def test_a_mode_of_an_unknown_salon(stand):
    with pytest.raises(InvalidInput, match=r"configuration\.no_branch"):
        configuration_edit.set_mode(stand.ctx, stand.account, 1, Mode.OFF, "Анна")


# --- bookings that waited for a mapping ---


def test_a_booking_without_a_direction_gets_its_lead_once_it_has_one(stand, take):
    take(changed(", default: true", ""))
    record = stand.book(UNMAPPED)
    stand.settle()
    skipped = (stand.reason(record), stand.leads())

    take(TEXT)
    stand.settle()

    assert skipped == ("no_direction", [])
    assert stand.lead_of(record)["pipeline_id"] == OTHER


def test_observed_bookings_get_their_leads_when_the_salon_goes_live(stand):
    configuration_edit.set_mode(stand.ctx, stand.account, TVERSKAYA, Mode.OBSERVE, "Анна")
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    observed = stand.leads()

    configuration_edit.set_mode(stand.ctx, stand.account, TVERSKAYA, Mode.ACTIVE, "Анна")
    stand.settle()

    assert observed == []
    assert stand.lead_of(record)["pipeline_id"] == 8001


def test_a_new_version_does_not_double_what_has_a_lead(stand, take):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = stand.lead_of(record)

    take(TEXT)
    stand.settle()

    assert stand.lead_of(record)["id"] == before["id"]
    assert len(stand.leads()) == 1


# --- what a batch of bookings pays ---


def test_loading_the_rules_parses_a_version_once(stand, monkeypatch):
    configuration.load(stand.account.id)
    monkeypatch.setattr(configs, "get", None)

    assert configuration.load(stand.account.id).version == 1
