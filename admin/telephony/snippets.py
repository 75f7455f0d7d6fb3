"""What to write into the files of a PBX: the shipped texts, which the tests try on a real Asterisk, filled in
with the values of this connection.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.telephony.exchanges import kinds
from backend.store.telephony.pbxes import Pbx

SHIPPED = Path(__file__).parents[2] / "deploy" / "pbx"
LOGIN, SECRET, PERMIT = "[mostik]", "CHANGE-THIS", "192.0.2.10"
TLS_PORT, CONTEXT = "5039", "from-crm"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - of the PBX; its lines deny and permit keep everybody else out
USUAL_OUT = "from-internal"  # where phones dial in FreePBX and in most plans after it


@dataclass(frozen=True, slots=True)
class Snippet:
    """`name`: the file it belongs to; its words are `telephony_connections.snippet.<code>`."""

    code: str
    name: str
    text: str


def of(ctx: Context, pbx: Pbx, rules: TelephonyRules, secret: str) -> list[Snippet]:
    """`secret` is "" once it is stored: then the text says where it stands."""
    return [
        Snippet("manager", "manager.conf", _manager(ctx, pbx, secret)),
        Snippet("cdr", "cdr_manager.conf", _shipped("cdr_manager.conf")),
        Snippet("plan", "extensions_mostik.conf", _plan(rules)),
        Snippet("use", "extensions.conf", _use(ctx, pbx, rules)),
    ]


def _manager(ctx: Context, pbx: Pbx, secret: str) -> str:
    lines = _shipped("manager_mostik.conf").splitlines()
    if not pbx.tls:
        lines = [line for line in lines if not line.startswith("tls")]
    host = pbx.host if _is_number(pbx.host) else EVERYWHERE
    changes = {
        LOGIN: f"[{pbx.login}]" if pbx.login else LOGIN,
        f":{TLS_PORT}": f":{pbx.port or TLS_PORT}",
        f"secret = {SECRET}": f"secret = {secret}" if secret else "; secret = the password saved in Mostik",
        f"permit = {PERMIT}/255.255.255.255": _permit(ctx),
    }
    if not pbx.tls:
        changes["bindaddr = 127.0.0.1"] = f"bindaddr = {host}\nport = {pbx.port}"
    text = "\n".join(lines)
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _permit(ctx: Context) -> str:
    """The address that Mostik calls from is known only where the installation has one by number."""
    host = urlsplit(ctx.settings.public_url).hostname or ""
    if _is_number(host):
        return f"permit = {host}/255.255.255.255"
    return f"permit = {PERMIT}/255.255.255.255  ; <- the address of Mostik's server"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _plan(rules: TelephonyRules) -> str:
    """The contexts as shipped; the one for clicks is called as the rules call it."""
    return _shipped("extensions_mostik.conf").replace(CONTEXT, rules.dialling.context or CONTEXT)


def _use(ctx: Context, pbx: Pbx, rules: TelephonyRules) -> str:
    line = next((one for one in rules.lines if one.pbx in ("", pbx.code)), None)
    number = (line.did if line else "") or "74951000005"
    door = kinds.door(ctx, pbx) if pbx.id else "https://…"
    return "\n".join(
        (
            "[globals]",
            f"MOSTIK_ROUTE = {door}",
            f"MOSTIK_OUT = {USUAL_OUT}",
            "",
            "#include extensions_mostik.conf",
            "",
            "[from-trunk]",
            f"exten => {number},1,Set(__FROM_DID=${{EXTEN}})",
            " same => n,Gosub(mostik-record,s,1)",
            " same => n,Gosub(mostik-ring,s,1(${EXTEN},${CRM_TRUNK},20))",
            " same => n,Dial(PJSIP/101&PJSIP/102,20,tT)",
        )
    )


@cache
def _shipped(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8").rstrip()
