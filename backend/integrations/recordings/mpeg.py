"""Whether a file is mp3 and how long it sounds, by walking its frames."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

LAYER_3 = 1
ENOUGH = 3  # frames in a row that no other file has by chance
SEARCHED = 64 * 1024  # bytes of anything else before the first frame
V1, V2, V25 = 3, 2, 0
RATES = {V1: (44100, 48000, 32000), V2: (22050, 24000, 16000), V25: (11025, 12000, 8000)}
KILOBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def milliseconds(path: Path) -> int | None:
    """None for what is no mp3."""
    with path.open("rb") as read:
        begin = _first(read)
        if begin is None:
            return None
        read.seek(begin)
        micros, frames = 0, 0
        while found := _frame(read.read(4)):
            length, duration = found
            micros, frames = micros + duration, frames + 1
            read.seek(length - 4, 1)
        return micros // 1000 if frames >= ENOUGH else None


def _first(read: BinaryIO) -> int | None:
    """Where the frames begin, past a title that may stand before them."""
    head = read.read(10)
    begin = 0
    if head[:3] == b"ID3" and len(head) == 10:
        size = 0
        for byte in head[6:10]:
            size = size << 7 | byte & 0x7F
        begin = size + 10
    read.seek(begin)
    piece = read.read(SEARCHED)
    place = piece.find(b"\xff")
    while 0 <= place < len(piece) - 4:
        if _is_row(piece, place):
            return begin + place
        place = piece.find(b"\xff", place + 1)
    return None


def _is_row(piece: bytes, place: int) -> bool:
    for _ in range(ENOUGH):
        found = _frame(piece[place : place + 4])
        if found is None:
            return False
        place += found[0]
    return True


def _frame(head: bytes) -> tuple[int, int] | None:
    """(bytes, microseconds) of the frame that begins so."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bits, rate = head[2] >> 4, head[2] >> 2 & 3
    if version not in RATES or layer != LAYER_3 or bits in (0, 15) or rate == 3:
        return None
    hertz, samples = RATES[version][rate], 1152 if version == V1 else 576
    kilobits = KILOBITS[version == V1][bits]
    length = samples // 8 * kilobits * 1000 // hertz + (head[2] >> 1 & 1)
    return length, samples * 1_000_000 // hertz
