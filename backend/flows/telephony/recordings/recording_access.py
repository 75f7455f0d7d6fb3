"""A form about a place of recordings becomes options of the connection; secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.core.errors import AppError
from backend.core.telephony.rules import Recordings
from backend.flows.context import Context
from backend.flows.telephony.recordings import recording_places
from backend.flows.telephony.recordings.recording_places import FOLDER, HTTP, SFTP
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

CLOUD = "cloud"
SHOWN: Mapping[str, tuple[str, ...]] = {
    FOLDER: ("folder",), HTTP: ("url",), CLOUD: (),
    SFTP: ("host", "port", "login", "remote_folder", "host_key"),
}  # fmt: skip
HIDDEN: Mapping[str, tuple[str, ...]] = {
    FOLDER: (), HTTP: ("token",), SFTP: ("password", "key"), CLOUD: (),
}  # fmt: skip
LONGEST = 500
LONGEST_KEY = 20_000


@dataclass(frozen=True, slots=True)
class Read:
    """`problems`: field → (code, details)."""

    pbx: Pbx
    problems: Mapping[str, tuple[str, Mapping[str, object]]]


def source(pbx: Pbx, rules: Recordings) -> str:
    """Which way the recordings of this PBX come."""
    return CLOUD if pbx.kind == pbxes.CLOUD else rules.source


def is_set_up(ctx: Context, pbx: Pbx, rules: Recordings) -> bool:
    try:
        recording_places.of(ctx, pbx, rules)
    except AppError:
        return False
    return True


def read(ctx: Context, pbx: Pbx, rules: Recordings, sent: Mapping[str, str], *, opens_folders: bool) -> Read:
    """The PBX with what was typed. Only people of the installation may say which folder is opened."""
    way = source(pbx, rules)
    if way == CLOUD:
        said = {"unrecorded": not sent.get("records")}
        return Read(replace(pbx, secret="", options={**pbx.options, **said}), {})
    if way == FOLDER and not opens_folders:
        return Read(pbx, {})
    given: dict[str, Any] = {**recording_places.options(pbx)}
    given |= {name: sent.get(name, "").strip()[:LONGEST] for name in SHOWN[way]}
    typed = {name: sent.get(name, "").strip()[:LONGEST_KEY] for name in HIDDEN[way]}
    problems = _forgotten(way, recording_places.options(pbx), given, typed)
    if problems:
        return Read(pbx, problems)
    given |= {name: value + "\n" if name == "key" else value for name, value in typed.items() if value}
    if way == SFTP:
        port = given["port"] or str(recording_places.SFTP_PORT)
        given["port"] = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else -1
    found = replace(pbx, secret="", options={**pbx.options, "recordings": given})
    return Read(found, _problems(ctx, found, rules))


def _forgotten(
    way: str, before: Mapping[str, Any], given: dict[str, Any], typed: Mapping[str, str]
) -> dict[str, tuple[str, Mapping[str, object]]]:
    """A secret goes to the server that it was typed for and to no other: whoever names the address need not
    know it.
    """
    kept = [name for name in HIDDEN[way] if before.get(name)]
    if not kept or recording_places.server(way, before) == recording_places.server(way, given):
        return {}
    given |= dict.fromkeys(kept, "")
    if any(typed.values()):
        return {}
    return {kept[0]: ("telephony_recordings.secret_again", {})}


def _problems(ctx: Context, pbx: Pbx, rules: Recordings) -> dict[str, tuple[str, Mapping[str, object]]]:
    try:
        recording_places.of(ctx, pbx, rules)
    except AppError as error:
        places = {
            "telephony_recordings.bad_port": "port", "telephony_recordings.bad_address": "url",
            "telephony_recordings.leads_out": "folder",
        }  # fmt: skip
        where = str(error.details.get("part") or places.get(error.code, "whole"))
        return {where: (error.code, error.details)}
    return {}
