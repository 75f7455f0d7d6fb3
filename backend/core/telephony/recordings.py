"""Where a call's recordings may lie and what their links look like. Pure.

Names come from another system: whatever could lead out of the folder is no name at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo

from backend.core.telephony.call import Call
from backend.core.telephony.rules import Recordings

ENDINGS = ("wav", "WAV", "mp3", "MP3")
KNOWN_ENDING = re.compile(r"\.(wav|mp3|gsm|ogg|wav49)$", re.IGNORECASE)
LONGEST_NAME = 500
MOST_PARTS = 20  # recordings of one call
TOKEN = re.compile(r"([A-Za-z0-9_-]{16})([A-Za-z0-9_-]{22})", re.ASCII)
SIGNED_BYTES = 16

PAUSES = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))
"""From the end of the call to the first look, and from each look to the next."""
AWAY_PAUSE, AWAY_LONGEST = timedelta(seconds=30), timedelta(hours=1)
AWAY_AT_MOST = timedelta(days=1)


def next_look(tries: int, now: datetime) -> datetime | None:
    """After `tries` looks and this one, in vain: when to look again; None when it was the last."""
    following = tries + 1
    return now + PAUSES[following] if following < len(PAUSES) else None


def look_when_back(tries: int, called_at: datetime, now: datetime) -> datetime | None:
    """The source is away: ever longer pauses, for a day."""
    pause = min(AWAY_LONGEST, AWAY_PAUSE * 2 ** min(tries, 10))
    return now + pause if now + pause < called_at + AWAY_AT_MOST else None


def parts(call: Call, rules: Recordings, zone: tzinfo) -> tuple[tuple[str, ...], ...]:
    """For each recording of a call, the names that its file may have, the likeliest first. A call in which
    nobody talked has none, whatever the PBX has called the file; nor has one of whose file nothing is known.
    """
    if not rules.is_on or not call.is_answered:
        return ()
    if not call.recordings:
        return (_names(call, "", rules, zone),) if "{uniq}" in rules.path else ()
    each = (_names(call, name, rules, zone) for name in call.recordings[:MOST_PARTS])
    return tuple(dict.fromkeys(each))


def _names(call: Call, name: str, rules: Recordings, zone: tzinfo) -> tuple[str, ...]:
    """On the day it began, else on the day it ended; and the bare name, when it is a path by itself."""
    days = dict.fromkeys(
        moment.astimezone(zone).date() for moment in (call.began_at, call.ended_at) if moment
    )
    uniq = call.uniq.partition(":")[2]
    filled = [
        _filled(rules.path, {
            "year": f"{day.year:04d}", "month": f"{day.month:02d}", "day": f"{day.day:02d}", "name": name,
            "uniq": uniq,
        })
        for day in days
    ]  # fmt: skip
    if "/" in name:
        filled.append(name)
    return tuple(dict.fromkeys(one for path in filled for one in _with_endings(path) if is_safe(one)))


def stem(name: str) -> str:
    """One recording may be told of by its bare name and by that of its file."""
    return KNOWN_ENDING.sub("", name)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, the first word about it."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(stem(name), name)
    return tuple(found.values())


def _filled(template: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template


def _with_endings(path: str) -> Iterator[str]:
    bare = stem(path)
    if bare != path:
        yield path
    yield from (f"{bare}.{ending}" for ending in ENDINGS)


def is_safe(name: str) -> bool:
    """A name below the folder of recordings and nothing else."""
    pieces = name.split("/")
    return (
        0 < len(name) <= LONGEST_NAME
        and name.isprintable()
        and "\\" not in name
        and all(piece not in ("", ".", "..") for piece in pieces)
    )


def token(public: str, secret: str) -> str:
    """What stands in a link: which recording, and that we have said so."""
    digest = hmac.new(secret.encode(), f"recording:{public}".encode(), hashlib.sha256).digest()
    return public + base64.urlsafe_b64encode(digest[:SIGNED_BYTES]).decode().rstrip("=")


def public_of(given: str) -> str:
    """The recording that a token speaks of, before anybody knows whether it is true; "" for no token."""
    found = TOKEN.fullmatch(given)
    return found[1] if found else ""


def is_genuine(given: str, public: str, secret: str) -> bool:
    return hmac.compare_digest(token(public, secret).encode(), given.encode("utf-8", "replace"))


def safe_ones(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if is_safe(name))
