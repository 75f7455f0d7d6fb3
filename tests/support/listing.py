"""What CoreShowChannels would have answered after some events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.core.telephony.hearing.moments import LiveChannel, What
from backend.integrations.asterisk.protocol import Parser


def time_of(frame):
    return datetime.fromtimestamp(float(frame.get("Timestamp")), UTC)


def answered_after(frames):
    """The items of the answer, as frames."""
    there, bridges, born = {}, {}, {}
    for frame in frames:
        uid = frame.get("Uniqueid")
        if frame.name == "Newchannel":
            born[uid] = time_of(frame)
        if frame.name == "BridgeEnter":
            bridges[uid] = frame.get("BridgeUniqueid")
        if frame.name == "BridgeLeave":
            bridges.pop(uid, None)
        if uid in born and frame.get("Channel"):
            there[uid] = frame
        if frame.name == "Hangup":
            there.pop(uid, None)
    now = max((time_of(frame) for frame in frames if frame.get("Timestamp")), default=None)
    blocks = [_item(frame, bridges.get(uid, ""), now - born[uid]) for uid, frame in there.items()]
    return Parser().feed(b"Asterisk Call Manager/5.0.4\r\n" + "".join(blocks).encode())


def channels_after(moments, now):
    """The same of moments: what would be read from that answer. Ages come in whole seconds; who meets
    in a bridge has the older one's linked id at once, although the events tell it later.
    """
    there, bridges, born, states = {}, {}, {}, {}
    for moment in moments:
        uid = moment.leg.uid if moment.leg else ""
        if moment.what is What.NEW:
            born[uid] = moment.at
        if moment.what in (What.ENTER, What.LEAVE):
            bridges[uid] = moment.bridge if moment.what is What.ENTER else ""
        if moment.what in (What.RINGING, What.UP):
            states[uid] = moment.what.value.capitalize()
        if uid in born and moment.what is not What.SUMMED:  # which comes after the end
            linked = there[uid].linked if uid in there else moment.leg.linked
            there[uid] = replace(moment.leg, linked=linked)
        if moment.what is What.ENTER:
            met = [one for one in there if bridges.get(one) == moment.bridge]
            oldest = min(met, key=lambda one: born[one])
            there |= {one: replace(there[one], linked=there[oldest].linked) for one in met}
        if moment.what is What.GONE:
            there.pop(uid, None)
    return [
        LiveChannel(leg, now - _whole(now - born[uid]), bridges.get(uid, ""), states.get(uid, ""))
        for uid, leg in there.items()
    ]


def _whole(age):
    return timedelta(seconds=int(age.total_seconds()))


def _item(frame, bridge, age):
    return (
        f"Event: CoreShowChannel\r\nChannel: {frame.get('Channel')}\r\nUniqueid: {frame.get('Uniqueid')}\r\n"
        f"Linkedid: {frame.get('Linkedid')}\r\nCallerIDNum: {frame.get('CallerIDNum')}\r\n"
        f"Exten: {frame.get('Exten')}\r\nChannelStateDesc: {frame.get('ChannelStateDesc')}\r\n"
        f"BridgeId: {bridge}\r\nApplication: \r\nApplicationData: \r\n"
        f"Duration: {str(age).partition('.')[0]}\r\n\r\n"
    )
