"""What a PBX is asked after a change of the rules, before anybody clicks: whether it would take a click."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend.core.telephony import originating
from backend.core.telephony.rules import TelephonyRules

DEVICE = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.+-]+|Local/[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+", re.ASCII)
MOST = 50  # people, in one look


@dataclass(frozen=True, slots=True)
class Questions:
    """`places`: (context, number) that have to be there; `channels` of people's phones. A channel that
    is more than one phone's name has no state that could be asked for.
    """

    places: tuple[tuple[str, str], ...]
    channels: tuple[str, ...]


def questions(number: str, rules: TelephonyRules, pbx: str) -> Questions:
    """Of everybody who may click, through every line; `number` as the PBX dials it."""
    people = [one for one in rules.people if one.pbx in ("", pbx)][:MOST]
    lines = [None, *(one for one in rules.lines if one.pbx in ("", pbx))]
    made = [originating.order("check", number, one, line, rules.dialling) for one in people for line in lines]
    places = dict.fromkeys((one.context, number) for one in made)
    channels = dict.fromkeys(one.channel for one in made if DEVICE.fullmatch(one.channel))
    return Questions(tuple(places), tuple(channels))
