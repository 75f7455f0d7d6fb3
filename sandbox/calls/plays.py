"""What is played: which call, with whom, and what must have become of it in amoCRM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.asterisk import recorded
from sandbox.asterisk.replay import CLIENT

Plain = dict[str, Any]
OTHER_CLIENT, OTHER_DIALLED = "79990003344", "89990003344"  # in the recordings, besides replay.CLIENT
DESKS = (("101", "102"), ("103", "104"), ("105", "106"))
"""Three pairs of people: as many calls go on at a time. The recordings know only the first pair."""
NO_SUCH_NUMBER = 5  # amoCRM's status of such a call
CLICKS = (
    ("answered", "click-to-call-own-id"),
    ("busy", "click-to-call-client-busy"),
    ("no-answer", "click-to-call-client-no-answer"),
    ("silent", "click-to-call-operator-silent"),
)
"""What becomes of a click → the recording that says what is to be expected of it."""
TITLES = {
    "hangup-by-ami": "разговор оборван диспетчером",
    "inbound-answered": "входящий, ответили",
    "inbound-answered-operator-hangs-up": "входящий, трубку положили мы",
    "inbound-busy": "входящий, занято",
    "inbound-chain": "входящий, по очереди",
    "inbound-declined": "входящий, сброшен",
    "inbound-group": "входящий на группу",
    "inbound-missed-client-gives-up": "пропущен: клиент не дождался",
    "inbound-missed-timeout": "пропущен: никто не ответил",
    "inbound-phone-offline": "пропущен: телефон выключен",
    "inbound-second-trunk": "входящий, другая линия",
    "inbound-to-responsible": "входящий ответственному",
    "inbound-to-responsible-no-integration": "входящий, станция решила сама",
    "inbound-two-at-once": "два входящих сразу",
    "internal-answered": "между сотрудниками",
    "menu-hangup": "пропущен: повесил трубку в меню",
    "menu-to-operator": "входящий через меню",
    "outbound-answered": "исходящий, ответили",
    "outbound-busy": "исходящий, занято",
    "outbound-no-answer": "исходящий, не ответили",
    "outbound-other-trunk": "исходящий, другая линия",
    "outbound-wrong-number": "исходящий, нет такого номера",
    "pickup": "входящий, перехвачен",
    "queue-abandoned": "пропущен: ушёл из очереди",
    "queue-answered": "входящий через очередь",
    "queue-timeout": "пропущен: очередь не ответила",
    "transfer-attended": "перевод с вопросом",
    "transfer-blind": "перевод сразу",
    "transfer-blind-nobody-answers": "перевод, и потеряли",
    "transfer-by-ami": "перевод диспетчером",
    "transfer-of-outbound-call": "перевод исходящего",
    "click-to-call-own-id": "звонок из карточки, ответили",
    "click-to-call-client-busy": "звонок из карточки, занято",
    "click-to-call-client-no-answer": "звонок из карточки, не ответили",
    "click-to-call-operator-silent": "звонок из карточки, сотрудник не взял трубку",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """One call as amoCRM must have it. `number` as +7…; `talk` in seconds; `talker` and `rung` are phones.
    `is_logged` is false for calls that stand in nobody's card: internal ones, a client never dialled, and a
    number that does not exist, of which no contact is made.
    """

    number: str
    direction: str
    status: int
    talk: float
    talker: str
    rung: tuple[str, ...]
    is_logged: bool = True

    @property
    def is_missed(self) -> bool:
        return self.is_logged and self.direction == "in" and not self.talker


@dataclass(frozen=True, slots=True)
class Play:
    """`words`: numbers as recorded → as they are played. `course` is what becomes of a click."""

    scenario: str
    words: dict[str, str]
    expected: tuple[Expected, ...]
    course: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.scenario]

    @property
    def number(self) -> str:
        """Of the first client."""
        return self.words[CLIENT]

    @property
    def phone(self) -> str:
        """Whoever clicks, or is rung first."""
        return self.words.get("101", "101")


def numbers() -> Iterator[str]:
    """Clients, each with a number of their own, in a range that belongs to nobody."""
    return (f"7900000{n:04}" for n in range(1, 10_000))


def recorded_plays(fresh: Iterator[str]) -> list[Play]:
    """Every recorded call that no click began, at the three desks in turn."""
    scenarios = [name for name in TITLES if not name.startswith("click-")]
    return [_play(name, DESKS[place % len(DESKS)], fresh) for place, name in enumerate(scenarios)]


def clicks(fresh: Iterator[str]) -> list[Play]:
    """Of people in turn: nobody presses twice within seconds."""
    return [
        _play(scenario, DESKS[place % len(DESKS)], fresh, course)
        for place, (course, scenario) in enumerate(CLICKS)
    ]


def _play(scenario: str, desk: tuple[str, str], fresh: Iterator[str], course: str = "") -> Play:
    first, second = next(fresh), next(fresh)
    words = {CLIENT: first, OTHER_CLIENT: second, OTHER_DIALLED: f"8{second[1:]}"}
    words |= dict(zip(DESKS[0], desk, strict=True))
    return Play(
        scenario, words, tuple(_expected(facts, words) for facts in recorded.expected(scenario)), course
    )


def _expected(facts: Plain, words: dict[str, str]) -> Expected:
    client = words.get(facts.get("client", CLIENT), "")
    return Expected(
        number=f"+7{client[1:]}",
        direction=facts["direction"],
        status=facts["amo_status"] or 0,
        talk=facts.get("talk", 0.0),
        talker=words.get(facts.get("last_talker") or "", ""),
        rung=tuple(words[phone] for phone in facts.get("rung", ())),
        is_logged=facts["amo_status"] not in (None, NO_SUCH_NUMBER),
    )
