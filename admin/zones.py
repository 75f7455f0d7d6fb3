"""Time zones that a salon of ours may be in, as the panel offers them."""

from __future__ import annotations

ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk",
    "Asia/Novosibirsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok",
    "Asia/Magadan", "Asia/Kamchatka", "Europe/Minsk", "Asia/Tbilisi", "Asia/Yerevan", "Asia/Baku",
    "Asia/Tashkent", "Asia/Almaty", "Asia/Bishkek",
)  # fmt: skip


def offered(current: str | None) -> tuple[str, ...]:
    """One that was chosen elsewhere stays on offer."""
    return (current, *ZONES) if current and current not in ZONES else ZONES
