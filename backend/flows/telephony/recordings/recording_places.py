"""Where the recordings of a PBX lie: its rules say how, its connection holds the secrets.

A folder of this machine is opened to a PBX by the people of the installation only: several companies may
share the machine, and whoever names files on a PBX of their own must not reach those of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.core.errors import AppError, InvalidInput
from backend.core.telephony.recordings import is_safe
from backend.core.telephony.rules import Recordings
from backend.flows.context import Context
from backend.flows.telephony.exchanges.alone import alone
from backend.flows.telephony.exchanges.kind import Check, Tested
from backend.integrations.recordings import sftp, web
from backend.integrations.recordings.folder import Folder
from backend.integrations.recordings.sftp import Sftp
from backend.integrations.recordings.source import Source
from backend.integrations.recordings.web import Web
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

FOLDER, HTTP, SFTP = "folder", "http", "sftp"
SOURCES = (FOLDER, HTTP, SFTP)
SFTP_PORT = 22


def records(pbx: Pbx) -> bool:
    """A cloud tells where a recording is only after the call; whether it records at all is a setting."""
    return pbx.kind == pbxes.CLOUD and not pbx.options.get("unrecorded")


def of(ctx: Context, pbx: Pbx, rules: Recordings) -> Source:
    """InvalidInput when the connection does not say enough."""
    given = options(pbx)
    if pbx.kind == pbxes.CLOUD:
        url = str(pbx.options.get("url", ""))
        return Web(ctx.outside, str(pbx.options.get("key", "")), web.of_the_same_place(url), url)
    if rules.source == HTTP:
        url = _required(given, "url")
        return Web(ctx.outside, str(given.get("token", "")), web.below(url), url)
    if rules.source == SFTP:
        return _sftp(given)
    return Folder(folder(ctx, given))


def options(pbx: Pbx) -> Mapping[str, Any]:
    given = pbx.options.get("recordings")
    return given if isinstance(given, dict) else {}


def server(way: str, given: Mapping[str, Any]) -> object:
    """Who is asked; another one must not be told the secrets of this one."""
    if way == HTTP:
        return web.place(str(given.get("url", "")))
    return str(given.get("host", "")).lower(), str(given.get("port") or SFTP_PORT)


def folder(ctx: Context, given: Mapping[str, Any]) -> Path:
    """«.» is the whole root of the installation."""
    name = _required(given, "folder").strip("/")
    if name not in ("", ".") and not is_safe(name):
        raise InvalidInput("telephony_recordings.leads_out")
    return Path(ctx.settings.recordings_from) / name


def check(ctx: Context, pbx: Pbx, rules: Recordings) -> Tested:
    """«Проверить» beside a place of recordings."""
    try:
        with alone(ctx, pbx.account_id):
            of(ctx, pbx, rules).check()
    except AppError as error:
        return Tested((Check(error.code, is_good=False, details=error.details),))
    return Tested((Check("telephony_recordings.place_reached"),))


def shown_key(ctx: Context, pbx: Pbx, host: str, port: int) -> tuple[str, str]:
    """The key that an SFTP server shows and its fingerprint; a person compares it before it is trusted."""
    with alone(ctx, pbx.account_id):
        key = sftp.host_key(host, port)
    return key, sftp.fingerprint(key)


def fingerprint(pbx: Pbx) -> str:
    """Of the key that is trusted; "" when there is none."""
    return sftp.fingerprint(str(options(pbx).get("host_key", "")))


def _sftp(given: Mapping[str, Any]) -> Sftp:
    port = given.get("port") or SFTP_PORT
    if not isinstance(port, int) or not 0 < port < 65_536:
        raise InvalidInput("telephony_recordings.bad_port")
    return Sftp(
        host=_required(given, "host"), port=port, login=_required(given, "login"),
        password=str(given.get("password", "")), key=str(given.get("key", "")),
        host_key=_required(given, "host_key"), folder=str(given.get("remote_folder", "")),
    )  # fmt: skip


def _required(given: Mapping[str, Any], name: str) -> str:
    value = str(given.get(name, "")).strip()
    if not value:
        raise InvalidInput("telephony_recordings.not_set_up", part=name)
    return value
