"""The mail server of the installation: given whole, or not at all."""

import pytest

from backend.settings import Settings, SettingsError

GIVEN = {
    "PUBLIC_URL": "http://mostik.test", "SECRET_KEY": "s" * 40, "DATABASE_URL": "sqlite:///x.db",
    "REDIS_URL": "redis://127.0.0.1", "AMOCRM_CLIENT_ID": "id", "AMOCRM_CLIENT_SECRET": "secret",
    "YCLIENTS_PARTNER_TOKEN": "partner",
}  # fmt: skip


def test_without_a_server_no_letters_go_out():
    settings = Settings.from_env(GIVEN)

    assert (settings.smtp_host, settings.smtp_port, settings.smtp_security) == (None, 587, "starttls")


def test_server_is_read_whole():
    mail = {"SMTP_HOST": "mail.test", "SMTP_PORT": "465", "SMTP_SECURITY": "TLS", "SMTP_FROM": "m@mail.test"}
    settings = Settings.from_env({**GIVEN, **mail})

    assert (settings.smtp_host, settings.smtp_port, settings.smtp_security) == ("mail.test", 465, "tls")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "70000"),
        ("SMTP_PORT", "mail"),
        ("SMTP_SECURITY", "ssl"),
        ("SMTP_FROM", "Mostik <m@mail.test>"),
        ("SMTP_FROM", "nobody"),
    ],
)
def test_wrong_values_stop_the_start(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({**GIVEN, name: value})


def test_server_without_a_sender_stops_the_start():
    with pytest.raises(SettingsError, match="SMTP_FROM"):
        Settings.from_env({**GIVEN, "SMTP_HOST": "mail.test"})


def test_a_password_never_goes_out_in_the_clear():
    mail = {"SMTP_HOST": "mail.test", "SMTP_FROM": "m@mail.test", "SMTP_SECURITY": "none"}
    assert Settings.from_env({**GIVEN, **mail}).smtp_security == "none"

    with pytest.raises(SettingsError, match="SMTP_SECURITY"):
        Settings.from_env({**GIVEN, **mail, "SMTP_USER": "m"})
