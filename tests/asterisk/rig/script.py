"""What a phone does, as SIPp understands it: steps in order, written as its XML.

A caller's script begins with its INVITE; a called one waits for ours. Both sides talk by playing their tone.
`@VOICE@` is filled in by whoever plays the script.
"""

from __future__ import annotations

from collections.abc import Iterable

SOUND = """v=0
o=phone 1 1 IN IP[local_ip_type] [local_ip]
s=call
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv"""

ALLOW = "Allow: INVITE,ACK,CANCEL,BYE,REFER,INFO"
REFUSALS = (403, 404, 408, 480, 486, 487, 500, 502, 600, 603)
VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
FROM = 'From: "[cid]" <sip:[cid]@[local_ip]:[local_port]>;tag=[pid]a[call_number]'
HERE = "Contact: <sip:[cid]@[local_ip]:[local_port]>"
LINE = "sip:[service]@[remote_ip]:[remote_port]"
HEARD = ("theirs", "ours", "number")  # headers of the INVITE, for what the called side says later


def script(name: str, steps: Iterable[str]) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n'
        + "\n".join(steps)
        + "\n</scenario>\n"
    )


def silent(text: str) -> str:
    """The same without a voice: hundreds of them at a time."""
    return text.replace(_speak(), "")


# Callers


def talks() -> str:
    """Calls, talks for the given time, hangs up."""
    return script("talks", [*_reached(), _speak(), _pause(), _own("BYE", 2), _wait(200)])


def listens() -> str:
    """Calls and talks until the other side hangs up."""
    return script("listens", [*_reached(), _speak(), *_hung_up_on()])


def presses(digit: str) -> str:
    """Calls, presses a key after a moment, then talks for the given time and hangs up."""
    key = _send(
        "INFO [next_url] SIP/2.0", VIA, FROM, "[last_To:]", "Call-ID: [call_id]", "CSeq: 2 INFO",
        "Max-Forwards: 70", kind="application/dtmf-relay", body=f"Signal={digit}\nDuration=200",
    )  # fmt: skip
    steps = [*_reached(), _pause(700), key, _wait(200), _speak(), _pause(), _own("BYE", 3), _wait(200)]
    return script("presses", steps)


def gives_up(after: int) -> str:
    """Calls and hangs up after some milliseconds without having been answered."""
    cancel = _send(
        f"CANCEL {LINE} SIP/2.0", "[last_Via:]", FROM, f"To: <{LINE}>", "Call-ID: [call_id]",
        "CSeq: 1 CANCEL", "Max-Forwards: 70",
    )  # fmt: skip
    waits = f'timeout="{after}" ontimeout="7"'
    patience = [f'  <recv response="{code}" optional="true" {waits}/>' for code in (100, 180, 183)]
    ending = ['  <label id="7"/>', cancel, _wait(200), _wait(487), _acknowledge_refusal()]
    return script("gives up", [_invite(), *patience, f'  <recv response="487" {waits}/>', *ending])


def is_refused() -> str:
    """Calls and is told that it does not come about."""
    codes = [_maybe(code, to=1) for code in REFUSALS]
    steps = [_invite(), *_progress(), *codes, _wait(503), '  <label id="1"/>', _acknowledge_refusal()]
    return script("is refused", steps)


# Called ones


def answers(after: int) -> str:
    """Rings, answers, talks until the other side hangs up."""
    return script("answers", [*_picked_up(after), _speak(), *_hung_up_on(), _known()])


def answers_and_ends(after: int) -> str:
    """Rings, answers, talks for the given time, hangs up."""
    return script(
        "answers and ends", [*_picked_up(after), _speak(), _pause(), _theirs("BYE", 2), _wait(200), _known()]
    )


def rings() -> str:
    """Rings until the call is taken away."""
    gone = _send(
        "SIP/2.0 487 Request Terminated", "[last_Via:]", "[last_From:]", "To: [$ours]", "[last_Call-ID:]",
        "CSeq: [$number] INVITE",
    )  # fmt: skip
    steps = [
        _called(),
        _answer("180 Ringing"),
        _asked("CANCEL"),
        _within("200 OK"),
        gone,
        _asked("ACK"),
        _known(),
    ]
    return script("rings", steps)


def refuses(answer: str, after: int = 0) -> str:
    """Says no: «486 Busy Here» at once, «603 Decline» after ringing, «404 Not Found»."""
    ringing = [_answer("180 Ringing"), _pause(after)] if after else []
    return script("refuses", [_called(), *ringing, _answer(answer), _asked("ACK"), _known()])


def transfers(to: str, after: int) -> str:
    """Rings, answers, talks for the given time, hands the caller over to another phone and hangs up."""
    refer = _theirs(
        "REFER", 2, f"Refer-To: <sip:{to}@[remote_ip]:[remote_port]>", "Referred-By: <sip:[local_ip]>",
        "Refer-Sub: false",
    )  # fmt: skip
    ending = [
        '  <recv request="BYE" timeout="3000" ontimeout="8"/>', _within("200 OK", next_label=9),
        '  <label id="8"/>', _theirs("BYE", 3), _wait(200), '  <label id="9"/>', _known(),
    ]  # fmt: skip
    return script("transfers", [*_picked_up(after), _speak(), _pause(), refer, _wait(200), *ending])


# Pieces of them


def _invite() -> str:
    return _send(
        f"INVITE {LINE} SIP/2.0", VIA, FROM, f"To: <{LINE}>", "Call-ID: [call_id]", "CSeq: 1 INVITE", HERE,
        "Max-Forwards: 70", ALLOW, body=SOUND, again=True,
    )  # fmt: skip


def _progress() -> list[str]:
    return [_maybe(100), _maybe(180), _maybe(183)]


def _reached() -> list[str]:
    """The call came about; what comes in meanwhile is passed over."""
    ack = _send(
        "ACK [next_url] SIP/2.0",
        VIA,
        FROM,
        "[last_To:]",
        "Call-ID: [call_id]",
        "CSeq: 1 ACK",
        "Max-Forwards: 70",
    )
    return [_invite(), *_progress(), '  <recv response="200" rrs="true"/>', ack]


def _own(method: str, number: int) -> str:
    """A request of the caller within the call."""
    return _send(
        f"{method} [next_url] SIP/2.0", VIA, FROM, "[last_To:]", "Call-ID: [call_id]",
        f"CSeq: {number} {method}", "Max-Forwards: 70", again=True,
    )  # fmt: skip


def _acknowledge_refusal() -> str:
    return _send(
        f"ACK {LINE} SIP/2.0",
        "[last_Via:]",
        FROM,
        "[last_To:]",
        "Call-ID: [call_id]",
        "CSeq: 1 ACK",
        "Max-Forwards: 70",
    )


def _called() -> str:
    """Our INVITE; its headers are remembered, with our own tag put to where we are named."""
    return """  <recv request="INVITE" rrs="true">
    <action>
      <ereg regexp=".*" search_in="hdr" header="From:" assign_to="theirs"/>
      <ereg regexp=".*" search_in="hdr" header="To:" assign_to="named"/>
      <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/>
      <assignstr assign_to="ours" value="[$named];tag=[pid]b[call_number]"/>
    </action>
  </recv>"""


def _known() -> str:
    """SIPp refuses scripts with variables that are never read."""
    return f'  <Reference variables="{",".join((*HEARD, "named"))}"/>'


def _picked_up(after: int) -> list[str]:
    answer = _answer("200 OK", body=SOUND, again=True)
    return [_called(), _answer("180 Ringing"), _pause(after), answer, _asked("ACK")]


def _answer(status: str, body: str = "", again: bool = False) -> str:
    return _send(
        f"SIP/2.0 {status}", "[last_Via:]", "[last_From:]", "To: [$ours]", "[last_Call-ID:]", "[last_CSeq:]",
        "Contact: <sip:[local_ip]:[local_port]>", ALLOW, body=body, again=again,
    )  # fmt: skip


def _within(status: str, next_label: int = 0) -> str:
    """An answer to something asked within the call."""
    return _send(
        f"SIP/2.0 {status}", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]",
        then=next_label,
    )  # fmt: skip


def _theirs(method: str, number: int, *more: str) -> str:
    """A request of the called side within the call: who is From and who is To changes places."""
    return _send(
        f"{method} [next_url] SIP/2.0", VIA, "From: [$ours]", "To: [$theirs]", "[last_Call-ID:]",
        f"CSeq: {number} {method}", "Contact: <sip:[local_ip]:[local_port]>", "Max-Forwards: 70", *more,
        again=True,
    )  # fmt: skip


def _hung_up_on() -> list[str]:
    return [_asked("BYE"), _within("200 OK")]


def _send(
    *lines: str, body: str = "", kind: str = "application/sdp", again: bool = False, then: int = 0
) -> str:
    about = f"Content-Type: {kind}\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n"
    options = (' retrans="500"' if again else "") + (f' next="{then}"' if then else "")
    return f"  <send{options}><![CDATA[\n\n" + "\n".join(lines) + f"\n{about}\n\n]]></send>"


def _wait(code: int) -> str:
    return f'  <recv response="{code}"/>'


def _maybe(code: int, to: int = 0) -> str:
    return f'  <recv response="{code}" optional="true"' + (f' next="{to}"/>' if to else "/>")


def _asked(method: str) -> str:
    return f'  <recv request="{method}"/>'


def _speak() -> str:
    return '  <nop><action><exec rtp_stream="@VOICE@,-1,8,PCMA/8000"/></action></nop>'


def _pause(milliseconds: int | None = None) -> str:
    return f'  <pause milliseconds="{milliseconds}"/>' if milliseconds is not None else "  <pause/>"
