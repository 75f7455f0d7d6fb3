"""Sound of a call without anybody's voice: a tone, as a file that a PBX writes."""

from __future__ import annotations

import array
import io
import math
import wave

RATE = 8000


def tone(seconds: float, hertz: float = 440.0, channels: int = 1, rate: int = RATE) -> bytes:
    """A WAV of 16 bits."""
    count = int(seconds * rate)
    wave_ = [int(9000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(count)]
    samples = array.array("h", [value for value in wave_ for _ in range(channels)])
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(samples.tobytes())
    return file.getvalue()
