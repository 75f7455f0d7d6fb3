"""What is heard on this exchange: one tone for our people, another for clients, so that a recording tells who
was in it.
"""

from __future__ import annotations

import math
import struct
import wave
from array import array
from pathlib import Path

RATE = 8000
VOICES = {"us": 440, "client": 1000}
MENU_HZ, HOLD_HZ = 600, 330
LOUD = 8000
SEGMENT_ENDS = (0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF)


def write_all(run: Path) -> None:
    for voice, hz in VOICES.items():
        samples = _tone(hz, 8.0)
        (run / "sounds" / f"{voice}.al").write_bytes(bytes(_a_law(sample) for sample in samples))
    _write_wav(run / "sounds" / "menu.wav", _tone(MENU_HZ, 1.0))
    _write_wav(run / "sounds" / "hold" / "hold.wav", _tone(HOLD_HZ, 4.0))


def loudness(samples: array[int], hz: int, rate: int = RATE) -> float:
    """How loud one tone is in the loudest quarter of a second."""
    block = rate // 4
    starts = range(0, max(1, len(samples) - block), block)
    return max((_level(samples[at : at + block], hz, rate) for at in starts), default=0.0)


def _level(samples: array[int], hz: int, rate: int) -> float:
    if not samples:
        return 0.0
    turn = 2 * math.pi * hz / rate
    across = sum(value * math.cos(turn * n) for n, value in enumerate(samples))
    along = sum(value * math.sin(turn * n) for n, value in enumerate(samples))
    return 2 * math.hypot(across, along) / len(samples)


def _tone(hz: int, seconds: float) -> list[int]:
    return [round(LOUD * math.sin(2 * math.pi * hz * n / RATE)) for n in range(int(RATE * seconds))]


def _a_law(sample: int) -> int:
    """One sample as telephones send it (G.711)."""
    value, mask = (sample >> 3, 0xD5) if sample >= 0 else ((-sample - 1) >> 3, 0x55)
    segment = next((n for n, end in enumerate(SEGMENT_ENDS) if value <= end), len(SEGMENT_ENDS))
    if segment == len(SEGMENT_ENDS):
        return 0x7F ^ mask
    step = value >> (1 if segment < 2 else segment)
    return ((segment << 4) | (step & 0x0F)) ^ mask


def _write_wav(path: Path, samples: list[int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
