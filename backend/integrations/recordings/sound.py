"""Sound as a PBX writes it becomes mp3, once; what is mp3 already stays as it is.

A WAV may be plain (8 or 16 bits) or as telephones code it (A-law, µ-law), of one or two channels. LAME does
the rest in our own process: no program to install, no shell.
"""

from __future__ import annotations

import array
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import lameenc

from backend.core.errors import InvalidInput, TryLater
from backend.integrations.recordings import mpeg
from backend.integrations.recordings.source import KeepAlive

PLAIN, A_LAW, MU_LAW, EXTENSIBLE = 1, 6, 7, 0xFFFE
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
FRAMES = 128 * 1024  # at a time
KILOBITS = 16  # per channel, for the sound of a telephone; wider sound gets more
MOST_CHUNKS = 1000  # before the sound; millions of empty ones are made to keep us busy
STREAMED = (0, 0xFFFFFFFF)  # lengths of a file whose writer never came back to say how long it is


@dataclass(frozen=True, slots=True)
class Sound:
    """What is in the file that was made."""

    mime: str
    ending: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Wave:
    coding: int
    channels: int
    rate: int
    bits: int
    begin: int
    length: int  # bytes of sound that there are
    is_cut: bool  # fewer than the file says

    @property
    def frame(self) -> int:
        return self.channels * self.bits // 8


def prepare(source: Path, target: Path, keep_alive: KeepAlive, *, to_mp3: bool, is_last: bool) -> Sound:
    """`is_last`: a file that is shorter than it says is taken as it is, instead of being waited for."""
    with source.open("rb") as read:
        head = read.read(12)
        if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
            return _wave(read, source, target, keep_alive, to_mp3=to_mp3, is_last=is_last)
    milliseconds = mpeg.milliseconds(source)
    if milliseconds is None:
        raise InvalidInput("telephony_recordings.not_sound")
    source.replace(target)
    return Sound("audio/mpeg", "mp3", milliseconds)


def _wave(  # noqa: PLR0913 - `prepare`, with the file open
    read: BinaryIO, source: Path, target: Path, keep_alive: KeepAlive, *, to_mp3: bool, is_last: bool
) -> Sound:
    wave = _read_head(read, source.stat().st_size)
    if wave.is_cut and not is_last:
        raise TryLater("telephony_recordings.still_written")
    if wave.length < wave.frame:
        raise InvalidInput("telephony_recordings.empty")
    milliseconds = wave.length // wave.frame * 1000 // wave.rate
    if not to_mp3:
        source.replace(target)
        return Sound("audio/wav", "wav", milliseconds)
    _encode(read, wave, target, keep_alive)
    return Sound("audio/mpeg", "mp3", milliseconds)


def _encode(read: BinaryIO, wave: Wave, target: Path, keep_alive: KeepAlive) -> None:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(KILOBITS * wave.channels * (1 if wave.rate <= 8000 else 2))
    encoder.set_in_sample_rate(wave.rate)
    encoder.set_channels(wave.channels)
    encoder.set_quality(5)
    with target.open("wb") as written:
        for samples in _samples(read, wave):
            written.write(encoder.encode(samples))
            keep_alive()
        written.write(encoder.flush())


def _samples(read: BinaryIO, wave: Wave) -> Iterator[bytes]:
    """16 bits each, as LAME wants them."""
    read.seek(wave.begin)
    left = wave.length - wave.length % wave.frame
    while left and (piece := read.read(min(left, FRAMES * wave.frame))):
        left -= len(piece)
        yield _widened(piece, wave)


def _widened(piece: bytes, wave: Wave) -> bytes:
    if wave.coding == PLAIN and wave.bits == 16:
        return piece
    table = _EIGHT_BITS if wave.coding == PLAIN else _A_LAW if wave.coding == A_LAW else _MU_LAW
    return array.array("h", [table[value] for value in piece]).tobytes()


def _read_head(read: BinaryIO, size: int) -> Wave:
    """Walks the chunks up to the sound."""
    facts: tuple[int, int, int, int] | None = None
    for _ in range(MOST_CHUNKS):
        head = read.read(8)
        if len(head) < 8:
            break
        name, length = struct.unpack("<4sI", head)
        if name == b"data" and facts:
            return _checked(facts, read.tell(), length, size)
        if name == b"fmt ":
            facts = _format(read.read(min(length, 64)))
            read.seek(max(0, length - 64) + length % 2, 1)
        else:
            read.seek(length + length % 2, 1)
    raise InvalidInput("telephony_recordings.not_sound")


def _format(data: bytes) -> tuple[int, int, int, int]:
    if len(data) < 16:
        raise InvalidInput("telephony_recordings.not_sound")
    coding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", data[:16])
    if coding == EXTENSIBLE and len(data) >= 26:
        coding = struct.unpack("<H", data[24:26])[0]
    return coding, channels, rate, bits


def _checked(facts: tuple[int, int, int, int], begin: int, length: int, size: int) -> Wave:
    coding, channels, rate, bits = facts
    is_known = (coding == PLAIN and bits in (8, 16)) or (coding in (A_LAW, MU_LAW) and bits == 8)
    if not is_known or channels not in (1, 2) or rate not in RATES:
        raise InvalidInput("telephony_recordings.unknown_coding", coding=coding, rate=rate, bits=bits)
    there = max(0, size - begin)
    said = there if length in STREAMED else length
    return Wave(coding, channels, rate, bits, begin, min(said, there), is_cut=said > there)


def _mu_law(value: int) -> int:
    """ITU-T G.711."""
    value = ~value & 0xFF
    size = (((value & 0x0F) << 3) + 0x84) << ((value & 0x70) >> 4)
    return 0x84 - size if value & 0x80 else size - 0x84


def _a_law(value: int) -> int:
    """ITU-T G.711."""
    value ^= 0x55
    size, segment = (value & 0x0F) << 4, (value & 0x70) >> 4
    size = size + 8 if segment == 0 else (size + 0x108) << (segment - 1)
    return size if value & 0x80 else -size


_EIGHT_BITS = [(value - 128) << 8 for value in range(256)]
_MU_LAW = [_mu_law(value) for value in range(256)]
_A_LAW = [_a_law(value) for value in range(256)]
