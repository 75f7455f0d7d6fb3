"""Which directions a booking belongs to, and what of it goes to each (booking-sync-scenarios.md §4, §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from backend.core.money import Kopecks
from backend.core.rules.configuration import Configuration, Direction
from backend.core.salon import Booking, ServiceLine


@dataclass(frozen=True, slots=True)
class Shares:
    """Directions of a booking with the money of each, main first; `unmapped` are category ids nobody has
    mapped.
    """

    directions: tuple[tuple[Direction, Kopecks], ...]
    unmapped: tuple[int, ...] = ()

    @property
    def main(self) -> Direction | None:
        return self.directions[0][0] if self.directions else None

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(direction.title for direction, _ in self.directions)


def shares(booking: Booking, configuration: Configuration, fixed: str = "") -> Shares:
    """Services → directions. Main: the fixed one while it is present, else priority, then money, then
    duration by the order of the lines (§5.1). Auxiliary services decide nothing unless they are alone; no
    services at all: the master's direction, or the default one.
    """
    lines, unmapped = sorted_out(booking, configuration, fixed)
    money = _sums(lines)
    if not booking.lines and (empty := _without_services(booking, configuration)):
        money[empty.key] = 0
    ranked = _ranked(money, configuration, fixed)
    chosen = [(configuration.direction(key), Kopecks(money[key])) for key in ranked]
    return Shares(tuple((d, sum_) for d, sum_ in chosen if d), tuple(dict.fromkeys(unmapped)))


def sorted_out(
    booking: Booking, configuration: Configuration, fixed: str = ""
) -> tuple[list[tuple[str, ServiceLine]], list[int]]:
    """Each line with the key of its direction, and the categories that nobody has mapped. The money of
    auxiliary lines goes with the main direction (B14).
    """
    unmapped: list[int] = []
    found: list[tuple[str, ServiceLine]] = []
    helping: list[ServiceLine] = []
    auxiliary = configuration.options.auxiliary.get(booking.branch_id, frozenset())
    is_alone = all(line.service_id in auxiliary for line in booking.lines)
    for line in booking.lines:
        if line.service_id in auxiliary and not is_alone:
            helping.append(line)
            continue
        direction = direction_of(line, booking.branch_id, configuration)
        if direction is None:
            unmapped.append(line.category_id or 0)
            direction = configuration.default_direction
        if direction:
            found.append((direction.key, line))
    main = next(iter(_ranked(_sums(found), configuration, fixed)), "")
    return [*found, *((main, line) for line in helping if main)], unmapped


def _sums(lines: Iterable[tuple[str, ServiceLine]]) -> dict[str, int]:
    money: dict[str, int] = {}
    for key, line in lines:
        money[key] = money.get(key, 0) + line.price
    return money


def _ranked(sums: Mapping[str, int], configuration: Configuration, fixed: str) -> list[str]:
    """Keys of directions, the main one first: the fixed one, else by priority, then money, then order."""
    order = {key: position for position, key in enumerate(sums)}

    def rank(key: str) -> tuple[bool, int, int, int]:
        direction = configuration.direction(key)
        return key != fixed, direction.priority if direction else 0, -sums[key], order[key]

    return sorted(sums, key=rank)


def _without_services(booking: Booking, configuration: Configuration) -> Direction | None:
    """Row A14: the master's direction, else the default one."""
    branch = configuration.branch(booking.branch_id)
    master = branch.staff.get(booking.staff.id) if branch else None
    own = configuration.direction(master.direction) if master and master.direction else None
    return own or configuration.default_direction


def part(booking: Booking, configuration: Configuration, share: str, main: str) -> Booking:
    """The booking as a satellite's lead shows it: the lines of its direction alone. `main` is the direction
    that auxiliary services go with.
    """
    lines, _ = sorted_out(booking, configuration, main)
    return replace(booking, lines=tuple(line for key, line in lines if key == share))


def direction_of(line: ServiceLine, branch_id: int, configuration: Configuration) -> Direction | None:
    """The service's own override wins over its category (row B17)."""
    for direction in configuration.directions:
        if line.service_id in direction.services.get(branch_id, ()):
            return direction
    for direction in configuration.directions:
        if line.category_id in direction.categories.get(branch_id, ()):
            return direction
    return None
