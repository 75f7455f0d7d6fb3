"""What the environment may say, and the one line it gets when it says something else."""

import dataclasses

import pytest

from backend.settings import Settings, SettingsError

ENOUGH = {
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "SECRET_KEY": "short-but-local",
    "DATABASE_URL": "sqlite:///var/mostik.db",
    "REDIS_URL": "unix:///tmp/redis.sock",
    "AMOCRM_CLIENT_ID": "0b0832f6-0000-4000-8000-00000000abcd",
    "AMOCRM_CLIENT_SECRET": "sandbox-client-secret",
    "YCLIENTS_PARTNER_TOKEN": "sandbox-partner-token",
}


def test_the_required_ones_are_enough():
    settings = Settings.from_env(ENOUGH)

    assert settings.amocrm_api_url == "https://{domain}"
    assert settings.amocrm_oauth_url == "https://www.amocrm.ru/oauth"
    assert settings.yclients_api_url == "https://api.yclients.com/api/v1"
    assert (settings.lease_seconds, settings.clock_key, settings.is_https) == (15, None, False)
    assert settings.yclients_application_id is None


def test_the_application_of_the_marketplace_is_a_number():
    settings = Settings.from_env({**ENOUGH, "YCLIENTS_APPLICATION_ID": "5001"})

    assert settings.yclients_application_id == 5001


@pytest.mark.parametrize("name", sorted(ENOUGH))
def test_a_missing_one_is_named(name):
    env = {key: value for key, value in ENOUGH.items() if key != name}

    with pytest.raises(SettingsError, match=rf"^{name}: is required$"):
        Settings.from_env(env)


@pytest.mark.parametrize("name", sorted(ENOUGH))
def test_an_empty_one_counts_as_missing(name):
    with pytest.raises(SettingsError, match=rf"^{name}: is required$"):
        Settings.from_env({**ENOUGH, name: "  "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "mostik.example"),
        ("PUBLIC_URL", "ftp://mostik.example"),
        ("PUBLIC_URL", "https://mostik.example:port"),
        ("PUBLIC_URL", "https://mostik.example/?a=1"),
        ("DATABASE_URL", "mysql://localhost/mostik"),
        ("YCLIENTS_APPLICATION_ID", "0"),
        ("YCLIENTS_APPLICATION_ID", "five"),
        ("DATABASE_URL", "sqlite:///"),
        ("REDIS_URL", "localhost:6379"),
        ("AMOCRM_API_URL", "https://crm.example"),
        ("AMOCRM_API_URL", "https://{domain}/{account}"),
        ("AMOCRM_API_URL", "{domain}"),
        ("AMOCRM_OAUTH_URL", "oauth"),
        ("YCLIENTS_API_URL", "api.yclients.com"),
        ("AMOCRM_RATE", "0"),
        ("AMOCRM_RATE", "nan"),
        ("AMOCRM_RATE", "seven"),
        ("SWEEP_SECONDS", "0"),
        ("SWEEP_SECONDS", "5s"),
        ("RECONCILE_SECONDS", "-1"),
        ("LEASE_SECONDS", "1.5"),
        ("LEASE_SECONDS", "²"),
        ("TRUSTED_PROXIES", "all"),
        ("LOG_LEVEL", "chatty"),
    ],
)
def test_a_malformed_one_is_named_in_one_line(name, value):
    with pytest.raises(SettingsError, match=rf"^{name}: ") as caught:
        Settings.from_env({**ENOUGH, name: value})

    assert "\n" not in str(caught.value)


def test_no_line_repeats_a_secret():
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({**ENOUGH, "DATABASE_URL": "mysql://mostik:hunter2@localhost/mostik"})

    assert "hunter2" not in str(caught.value)


def test_paths_inside_addresses_are_kept():
    settings = Settings.from_env(
        ENOUGH
        | {
            "AMOCRM_API_URL": "http://127.0.0.1:9101/{domain}",
            "YCLIENTS_API_URL": "http://127.0.0.1:9102/api/v1/",
        }
    )

    assert settings.amocrm_api_url.format(domain="a.amocrm.ru") == "http://127.0.0.1:9101/a.amocrm.ru"
    assert settings.yclients_api_url == "http://127.0.0.1:9102/api/v1"


def test_a_secret_may_stand_in_a_file(tmp_path):
    path = tmp_path / "key"
    path.write_text("from-the-file\n", encoding="utf-8")
    env = {key: value for key, value in ENOUGH.items() if key != "SECRET_KEY"}

    settings = Settings.from_env({**env, "SECRET_KEY_FILE": str(path)})

    assert settings.secret_key == "from-the-file"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    env = {key: value for key, value in ENOUGH.items() if key != "SECRET_KEY"}

    with pytest.raises(SettingsError, match=r"^SECRET_KEY_FILE: "):
        Settings.from_env({**env, "SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_two_values_for_one_name_are_refused():
    with pytest.raises(SettingsError, match=r"^SECRET_KEY: is given twice"):
        Settings.from_env({**ENOUGH, "SECRET_KEY_FILE": "/dev/null"})


def test_simulated_time_is_refused_in_public():
    env = {**ENOUGH, "PUBLIC_URL": "https://mostik.example", "SECRET_KEY": "x" * 32, "CLOCK_KEY": "clock"}

    with pytest.raises(SettingsError, match=r"^CLOCK_KEY: "):
        Settings.from_env(env)
    assert Settings.from_env({**ENOUGH, "CLOCK_KEY": "clock"}).clock_key == "clock"


def test_a_short_key_is_refused_in_public():
    with pytest.raises(SettingsError, match=r"^SECRET_KEY: "):
        Settings.from_env({**ENOUGH, "PUBLIC_URL": "https://mostik.example"})


def test_nobody_changes_settings_later():
    settings = Settings.from_env(ENOUGH)

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.secret_key = "other"


def test_the_short_postgres_scheme_is_understood():
    settings = Settings.from_env({**ENOUGH, "DATABASE_URL": "postgres://u@localhost/mostik"})

    assert settings.database_url == "postgresql://u@localhost/mostik"
