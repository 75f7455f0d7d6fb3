"""Sound as PBXes write it becomes mp3 that says how long it is; everything else is refused."""

import io
import math
import struct
import wave

import pytest

from backend.core.errors import InvalidInput, TryLater
from backend.integrations.recordings import mpeg, sound
from sandbox.cloud_pbx.sound import tone

PLAIN, A_LAW, MU_LAW, GSM, EXTENSIBLE = 1, 6, 7, 49, 0xFFFE


def prepare(tmp_path, data, *, to_mp3=True, is_last=False):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(data)
    return sound.prepare(source, target, lambda: None, to_mp3=to_mp3, is_last=is_last), target


def riff(coding, data, *, channels=1, rate=8000, bits=8, said=None, before=b"", tail=b""):
    """A WAV by hand, for codings that Python's own writer does not know."""
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", coding, channels, rate, rate * frame, frame, bits) + tail
    chunks = b"fmt " + struct.pack("<I", len(head)) + head + before
    chunks += b"data" + struct.pack("<I", len(data) if said is None else said) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def mu_law(value):
    """Encoded by the textbook: sign, segment, step."""
    sign, size = (0x80, -value) if value < 0 else (0, value)
    size = min(size, 32635) + 0x84
    segment = max(0, size.bit_length() - 8)
    return ~(sign | segment << 4 | size >> segment + 3 & 0x0F) & 0xFF


def a_law(value):
    sign, size = (0, -value - 1) if value < 0 else (0x80, value)
    size = min(max(size, 0), 32767) >> 4
    segment = max(0, size.bit_length() - 4)
    step = size & 0x0F if segment == 0 else size >> segment - 1 & 0x0F
    return (sign | segment << 4 | step) ^ 0x55


@pytest.mark.parametrize(("encode", "table"), [(mu_law, sound._MU_LAW), (a_law, sound._A_LAW)])
def test_telephone_codings_are_undone(encode, table):
    """Within the step of their own segment."""
    for value in [int(32000 * math.sin(n / 7)) for n in range(200)] + [0, 1, -1, 100, -100, 32767, -32768]:
        assert abs(table[encode(value)] - value) <= max(16, abs(value) // 15)


@pytest.mark.parametrize("coding", [A_LAW, MU_LAW, PLAIN])
def test_eight_bits(tmp_path, coding):
    heard, target = prepare(tmp_path, riff(coding, bytes(range(256)) * 100))
    assert (heard.mime, heard.ending, heard.milliseconds) == ("audio/mpeg", "mp3", 3200)
    assert abs(mpeg.milliseconds(target) - 3200) < 200


@pytest.mark.parametrize(
    ("rate", "channels"), [(8000, 1), (8000, 2), (16000, 1), (16000, 2), (44100, 2), (48000, 1)]
)
def test_sixteen_bits(tmp_path, rate, channels):
    heard, target = prepare(tmp_path, tone(2, channels=channels, rate=rate))
    assert heard.milliseconds == 2000
    assert abs(mpeg.milliseconds(target) - 2000) < 200


def test_sound_is_in_it_and_not_silence(tmp_path):
    loud = prepare(tmp_path, tone(3))[1].read_bytes()
    quiet = prepare(tmp_path, riff(PLAIN, b"\0" * 48000, bits=16))[1].read_bytes()
    assert len(set(loud)) > 3 * len(set(quiet))


def test_extensible_head_and_chunks_before_the_sound(tmp_path):
    tail = struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", PLAIN) + b"\0" * 14
    title = b"LIST" + struct.pack("<I", 5) + b"title" + b"\0"
    data = riff(EXTENSIBLE, b"\0\1" * 8000, bits=16, before=title, tail=tail)
    assert prepare(tmp_path, data)[0].milliseconds == 1000


@pytest.mark.parametrize("said", [0, 0xFFFFFFFF])
def test_length_that_its_writer_never_filled_in(tmp_path, said):
    assert prepare(tmp_path, riff(MU_LAW, b"\xff" * 8000, said=said))[0].milliseconds == 1000


def test_cut_file_is_waited_for_then_taken_as_it_is(tmp_path):
    cut = riff(MU_LAW, b"\xff" * 8000, said=16000)
    with pytest.raises(TryLater, match="still_written"):
        prepare(tmp_path, cut)
    assert prepare(tmp_path, cut, is_last=True)[0].milliseconds == 1000


def test_as_it_is_when_nobody_wants_mp3(tmp_path):
    heard, target = prepare(tmp_path, tone(1), to_mp3=False)
    assert (heard.mime, heard.ending) == ("audio/wav", "wav")
    with wave.open(io.BytesIO(target.read_bytes())) as read:
        assert read.getnframes() == 8000


def test_mp3_stays_what_it_is_with_or_without_a_title(tmp_path):
    _, made = prepare(tmp_path, tone(2))
    plain = made.read_bytes()
    titled = b"ID3\x04\0\0" + bytes([0, 0, 1, 4]) + b"\0" * 132 + plain
    for data in (plain, titled):
        heard, target = prepare(tmp_path, data)
        assert target.read_bytes() == data
        assert abs(heard.milliseconds - 2000) < 200


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_sound"), (b"text of somebody's file\n" * 100, "not_sound"), (b"\xff" * 5000, "not_sound"),
        (b"\xff\xfb\x90\x00 once is chance" * 1, "not_sound"), (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "not_sound"),
        (b"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcd", "not_sound"), (riff(PLAIN, b"", bits=16), "empty"),
        (riff(GSM, b"\0" * 650), "unknown_coding"), (riff(PLAIN, b"\0" * 99, bits=24), "unknown_coding"),
        (riff(PLAIN, b"\0" * 99, channels=6, bits=16), "unknown_coding"),
        (riff(PLAIN, b"\0" * 99, rate=7777, bits=16), "unknown_coding"),
        (riff(PLAIN, b"\0" * 99, channels=0, bits=16), "unknown_coding"), (b"ID3", "not_sound"),
        (b"OggS" + b"\0" * 500, "not_sound"),
    ],
)  # fmt: skip
def test_what_is_no_sound(tmp_path, data, code):
    with pytest.raises(InvalidInput, match=rf"telephony_recordings\.{code}"):
        prepare(tmp_path, data)


def test_a_file_of_empty_chunks_is_not_walked_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "MOST_CHUNKS", 10)
    place = tmp_path / "chunks.wav"
    place.write_bytes(b"RIFF\x00\x00\x00\x00WAVE" + b"junk\x00\x00\x00\x00" * 20 + tone(1.0)[12:])
    with pytest.raises(InvalidInput, match=r"telephony_recordings\.not_sound"):
        sound.prepare(place, tmp_path / "made", lambda: None, to_mp3=True, is_last=True)
