"""`operator …`: people of the installation from the shell."""

import pytest

from backend.cli import register
from backend.store import audit, operators
from tests.support.stand_fixtures import stand

PASSWORD = "a long enough password"

__all__ = ["stand"]


@pytest.fixture
def run(stand):
    """Runs a command; its output, and its exit code when that is not zero."""
    if "operator" not in stand.app.cli.commands:
        register(stand.app)

    def command(*words, **more):
        result = stand.app.test_cli_runner().invoke(args=["operator", *words], **more)
        return result.output if result.exit_code == 0 else (result.exit_code, result.output)

    return command


@pytest.fixture
def irina(stand):
    operators.add("irina", PASSWORD, "owner", stand.now())


def test_the_first_owner_is_added_from_the_shell(stand, run):
    run("add", "irina", "--password-stdin", input=PASSWORD + "\n")

    assert operators.verify("irina", PASSWORD, stand.now()).role == "owner"
    assert (audit.page()[0].operator, audit.page()[0].action) == ("cli", "operator.added")


def test_an_invitation_prints_the_link(stand, run):
    link = run("invite", "olga", "--role", "viewer").strip()

    assert "Ваш логин — olga" in stand.app.test_client().get(link.removeprefix("http://mostik.test")).text
    assert "olga\tнаблюдатель\tприглашён\tнет" in run("list")


def test_roles_and_states_are_changed(stand, run, irina):
    operators.add("olga", PASSWORD, "viewer", stand.now())

    run("role", "olga", "operator")
    run("off", "olga")

    olga = operators.by_login("olga")
    assert (olga.role, olga.is_active) == ("operator", False)
    run("on", "olga")
    assert operators.by_login("olga").is_active
    deeds = [line.action for line in audit.page() if line.action.startswith("operator.")]
    assert deeds == ["operator.on", "operator.off", "operator.role"]


def test_sessions_are_ended_and_the_factor_reset(run, irina):
    before = operators.by_login("irina").session_generation

    assert "сеансы завершены" in run("end-sessions", "irina")
    assert "второй фактор сброшен" in run("reset-factor", "irina")

    assert operators.by_login("irina").session_generation == before + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("off", "irina"), "последний владелец"),
        (("role", "irina", "viewer"), "последний владелец"),
        (("off", "nobody"), "nobody"),
        (("invite", "irina"), "Такой логин уже есть"),
        (("invite", "a b"), "В логине могут быть"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_an_exit_code(run, irina, words, said):
    code, output = run(*words)

    assert code == 1
    assert said in output
