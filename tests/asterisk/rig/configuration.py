"""Writes the configuration of an exchange. Most of it is what deploy/pbx hands to owners of a real one: what
`docs/telephony.md` shows is what runs here, with addresses and secrets filled in.
"""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.asterisk.rig.place import PHONES, PROJECT, TRUNKS, Place

CONF = PROJECT / "tests" / "asterisk" / "conf"
SHIPPED = PROJECT / "deploy" / "pbx"
LOGIN, SECRET = "mostik", "a-secret-of-the-tests"
OWN_LOGIN = "rig"
MODULES = {
    "res": "sorcery_config sorcery_memory sorcery_astdb timing_timerfd musiconhold rtp_asterisk pjproject"
    " pjsip"
    " pjsip_pubsub pjsip_session pjsip_sdp_rtp pjsip_endpoint_identifier_ip pjsip_caller_id pjsip_refer"
    " pjsip_rfc3326 pjsip_nat pjsip_dtmf_info pjsip_header_funcs curl agi speech parking cdrel_custom",
    "codec": "alaw ulaw gsm resample",
    "format": "pcm sln wav gsm",
    "chan": "pjsip",
    "bridge": "builtin_features builtin_interval_features simple softmix holding native_rtp",
    "pbx": "config",
    "app": "dial queue playback stack mixmonitor exec verbose directed_pickup originate userevent",
    "func": "callerid channel cdr strings logic global timeout uri hangupcause math env db curl cut sprintf"
    " devstate",
    "cdr": "manager sqlite3_custom",
    "cel": "sqlite3_custom",
}


def write_all(place: Place, route: str) -> None:
    """`route` is the address that the dialplan asks whom to ring."""
    etc = place.run / "etc"
    words = {
        "RUN": str(place.run), "ROOT": str(place.root), "MODULES": str(_modules(place)), "ROUTE": route,
        "NET": place.net, "SIP": str(place.sip), "MODULE_LINES": _module_lines(place),
        "RTP_FIRST": str(place.rtp[0]), "RTP_LAST": str(place.rtp[1]),
        "PARTIES": "".join(_party(place, party) for party in (*PHONES, *TRUNKS)),
    }  # fmt: skip
    for path in CONF.glob("*.conf"):
        if path.name != "party.conf":
            (etc / path.name).write_text(_filled(path.read_text(), words))
    for name in ("cdr_manager.conf", "cel.conf", "extensions_mostik.conf"):
        (etc / name).write_text((SHIPPED / name).read_text())
    (etc / "manager.conf").write_text(_manager(place))
    _write_certificate(place)


def change_manager(place: Place, old: str, new: str) -> None:
    """As an owner of an exchange who forgot a line, or wrote another one."""
    path = place.run / "etc" / "manager.conf"
    text = path.read_text()
    if old not in text:
        raise ValueError(f"no line {old!r} in {path}")
    path.write_text(text.replace(old, new))


def _manager(place: Place) -> str:
    """What is shipped, on loopback; and an account of the rig's own, for what people do on phones."""
    etc = place.run / "etc"
    changes = {
        "bindaddr = 127.0.0.1": f"bindaddr = {place.own_address}\nport = {place.ami}",
        "tlsbindaddr = 0.0.0.0:5039": f"tlsbindaddr = {place.own_address}:{place.ami_tls}",
        "/etc/asterisk/keys": str(etc),
        "secret = CHANGE-THIS": f"secret = {SECRET}",
        "permit = 192.0.2.10/255.255.255.255": "permit = 127.0.0.0/255.0.0.0",
    }
    text = (SHIPPED / "manager_mostik.conf").read_text()
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"deploy/pbx/manager_mostik.conf has no line {old!r}")
        text = text.replace(old, new)
    own = f"secret = {SECRET}\npermit = 127.0.0.0/255.0.0.0\nread = call\nwrite = call,originate,reporting\n"
    return f"{text}\n[{OWN_LOGIN}]\n{own}"


def _party(place: Place, party: str) -> str:
    is_phone = party in PHONES
    more = f'callerid = "Phone {party}" <{party}>' if is_phone else f"set_var = __CRM_TRUNK={party}"
    words = {"PARTY": party, "KIND": "phone" if is_phone else "trunk", "MORE": more,
             "ADDRESS": place.address(party), "SIP": str(place.sip)}  # fmt: skip
    return _filled((CONF / "party.conf").read_text(), words)


def _filled(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def _modules(place: Place) -> Path:
    return next(path.parent for path in place.root.glob("usr/lib/**/asterisk/modules/chan_pjsip.so"))


def _module_lines(place: Place) -> str:
    """Those of the list that this version has."""
    there = {path.stem for path in _modules(place).glob("*.so")}
    wanted = [f"{family}_{name}" for family, names in MODULES.items() for name in names.split()]
    return "\n".join(f"load = {name}.so" for name in wanted if name in there)


def _write_certificate(place: Place) -> None:
    """Signed by itself, for the address it is reached at: the product is given it as the one to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx.test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address(place.own_address))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    place.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    place.certificate.with_suffix(".key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
