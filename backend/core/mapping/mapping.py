"""Service categories of all salons on one board, and what moving a card on it means for the configuration."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.core.rules.configuration import Branch, Configuration, Direction, Master

Pair = tuple[int, int]  # company id, and the id of a category or of a service of it
Ids = Mapping[int, frozenset[int]]
NO_CATEGORY = 0  # where services stand that have none: only each by itself can be mapped
LATIN = dict(
    zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True),
    ж="zh", х="kh", ц="ts", ч="ch", ш="sh", щ="sch", ю="yu", я="ya", ъ="", ь="",
)  # fmt: skip
KEY_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Offered:
    """A category as a salon offers it, or did: then it `is_gone`. `services` are those offered now, `apart`
    those of them that have a direction of their own.
    """

    company_id: int
    category_id: int
    title: str
    services: int = 0
    apart: int = 0
    is_gone: bool = False

    @property
    def pair(self) -> Pair:
        return self.company_id, self.category_id

    @property
    def is_settled(self) -> bool:
        """Every service of it is mapped by itself, so nothing asks where the category belongs."""
        return 0 < self.services <= self.apart


@dataclass(frozen=True, slots=True)
class Card:
    """Categories of one title that stand in one column; people move them together."""

    title: str
    places: tuple[Offered, ...]

    @property
    def value(self) -> str:
        """How a form names the card."""
        return ",".join(f"{company}:{category}" for company, category in (p.pair for p in self.places))

    @property
    def services(self) -> int:
        return sum(place.services for place in self.places)

    @property
    def apart(self) -> int:
        return sum(place.apart for place in self.places)

    @property
    def companies(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(place.company_id for place in self.places))

    @property
    def is_gone(self) -> bool:
        return all(place.is_gone for place in self.places)

    @property
    def is_settled(self) -> bool:
        return all(place.is_settled for place in self.places)

    @property
    def is_loose(self) -> bool:
        """Services without a category: the card itself cannot be moved."""
        return any(place.category_id == NO_CATEGORY for place in self.places)


@dataclass(frozen=True, slots=True)
class Column:
    """A direction with its cards; None is «not sorted yet»."""

    direction: Direction | None
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Board:
    unmapped: Column
    columns: tuple[Column, ...]

    @property
    def left(self) -> tuple[Card, ...]:
        """What still asks for a direction."""
        return tuple(card for card in self.unmapped.cards if not card.is_settled)


def board(offered: Iterable[Offered], configuration: Configuration) -> Board:
    """Directions in their order of importance; cards by title."""
    owners = _owners(configuration)
    found: dict[str, list[Offered]] = defaultdict(list)
    for one in offered:
        found[owners.get(one.pair, "")].append(one)
    columns = tuple(Column(d, _cards(found[d.key])) for d in in_order(configuration))
    return Board(Column(None, _cards(found[""])), columns)


def in_order(configuration: Configuration) -> list[Direction]:
    """The most important direction first, as decisions take them."""
    return sorted(configuration.directions, key=lambda direction: direction.priority)


def same(title: str) -> str:
    """Equal for titles that people take for one: case, «ё», spaces and a final full stop do not matter."""
    return re.sub(r"\s+", " ", title.casefold().replace("ё", "е")).strip(" .")


def _cards(offered: Sequence[Offered]) -> tuple[Card, ...]:
    groups: dict[str, list[Offered]] = defaultdict(list)
    for one in offered:
        groups[same(one.title) if one.category_id else ""].append(one)
    cards = (
        Card(places[0].title.strip(), tuple(sorted(places, key=lambda p: p.pair)))
        for places in groups.values()
    )
    return tuple(sorted(cards, key=lambda card: (card.is_gone, same(card.title))))


def _owners(configuration: Configuration) -> dict[Pair, str]:
    return {
        (company, category): direction.key
        for direction in configuration.directions
        for company, categories in direction.categories.items()
        for category in categories
    }


def owner_of_service(configuration: Configuration, pair: Pair) -> str:
    """The direction that a service has by itself, "" when it goes with its category."""
    company, service = pair
    found = (d.key for d in configuration.directions if service in d.services.get(company, ()))
    return next(found, "")


def pairs(value: str) -> tuple[Pair, ...]:
    """The card that a form names; what is no pair of ids is passed over."""
    found = (re.fullmatch(r"(\d{1,18}):(\d{1,18})", part) for part in value.split(","))
    return tuple((int(match[1]), int(match[2])) for match in found if match)


# What a person does with cards


def moved(configuration: Configuration, categories: Iterable[Pair], key: str) -> Configuration:
    """These categories belong to this direction now; an empty key takes them off all."""
    wanted = [pair for pair in categories if pair[1] != NO_CATEGORY]
    return replace(
        configuration,
        directions=tuple(
            replace(d, categories=_with(d.categories, wanted, d.key == key)) for d in configuration.directions
        ),
    )


def served_apart(configuration: Configuration, choices: Mapping[Pair, str]) -> Configuration:
    """Service → a direction of its own, or "" to go with its category again."""
    directions = []
    for d in configuration.directions:
        services = _with(d.services, choices, False)
        own = [pair for pair, key in choices.items() if key == d.key]
        directions.append(replace(d, services=_with(services, own, True)))
    return replace(configuration, directions=tuple(directions))


def helped_by(
    configuration: Configuration, shown: Collection[Pair], helping: Collection[Pair]
) -> Configuration:
    """Of the shown services these are auxiliary now: they do not decide a direction (row B14)."""
    options = configuration.options
    left = _with(options.auxiliary, [pair for pair in shown if pair not in helping], False)
    auxiliary = _with(left, helping, True)
    return replace(configuration, options=replace(options, auxiliary=auxiliary))


def _with(ids: Ids, pairs: Iterable[Pair], belongs: bool) -> dict[int, frozenset[int]]:
    """The ids by salon with these pairs added, or taken out; a salon without any is not named."""
    found = dict(ids)
    for company, number in pairs:
        kept = found.get(company, frozenset())
        found[company] = kept | {number} if belongs else kept - {number}
    return {company: numbers for company, numbers in found.items() if numbers}


# What a person does with directions


def added(configuration: Configuration, title: str) -> tuple[Configuration, str]:
    """A new direction, the least important so far, with its key. One of the same title is taken as it is."""
    known = next((d for d in configuration.directions if same(d.title) == same(title)), None)
    if known:
        return configuration, known.key
    key = new_key(title, [d.key for d in configuration.directions])
    # Most important are the smallest numbers; at the end of the line, but before those that catch the rest.
    last = max((d.priority for d in configuration.directions if not d.is_default), default=0)
    direction = Direction(key, title, min(last + 1, 1_000_000))
    return replace(configuration, directions=(*configuration.directions, direction)), key


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of directions as a person left it."""

    key: str
    title: str
    next_visit_days: int | None = None


def arranged(configuration: Configuration, lines: Sequence[Listed], default: str) -> Configuration:
    """New titles, another order, another default direction. Lines of directions that are gone say nothing; a
    direction without a line keeps its place at the end.
    """
    titles = {line.key: line.title for line in lines}
    visits = {line.key: line.next_visit_days for line in lines}
    known = {d.key: d for d in configuration.directions}
    order = [line.key for line in lines if line.key in known]
    order += [d.key for d in in_order(configuration) if d.key not in titles]
    is_moved = order != [d.key for d in in_order(configuration)]
    changed = {
        key: replace(
            known[key],
            title=titles.get(key, known[key].title),
            priority=place if is_moved else known[key].priority,
            is_default=key == default,
            next_visit_days=visits.get(key, known[key].next_visit_days),
        )
        for place, key in enumerate(order, 1)
    }
    return replace(configuration, directions=tuple(changed[d.key] for d in configuration.directions))


def repeated_titles(titles: Mapping[str, str]) -> list[str]:
    """Fields whose title another field before them has already; an empty one says nothing."""
    first: dict[str, str] = {}
    return [
        field for field, title in titles.items() if title and first.setdefault(same(title), field) != field
    ]


def swapped(lines: Sequence[Listed], key: str, step: int) -> tuple[Listed, ...]:
    """The line one place up (-1) or down (1); at the end of the list it stays."""
    found = list(lines)
    place = next((number for number, line in enumerate(found) if line.key == key), None)
    if place is None or not 0 <= place + step < len(found):
        return tuple(found)
    found[place], found[place + step] = found[place + step], found[place]
    return tuple(found)


def removed(configuration: Configuration, key: str) -> Configuration:
    """Without the direction, the routes that lead its bookings and the masters' word for it; its categories
    are to be sorted anew.
    """
    return replace(
        configuration,
        branches=tuple(_without_master_of(branch, key) for branch in configuration.branches),
        directions=tuple(d for d in configuration.directions if d.key != key),
        routes=tuple(route for route in configuration.routes if route.direction != key),
    )


def _without_master_of(branch: Branch, key: str) -> Branch:
    staff = {n: Master(m.user_id) if m.direction == key else m for n, m in branch.staff.items()}
    return replace(branch, staff={n: master for n, master in staff.items() if master != Master()})


def new_key(title: str, taken: Collection[str]) -> str:
    """A lasting name made from the first title: «Лазерная эпиляция» → `lazernaya-epilyatsiya`."""
    spelled = "".join(LATIN.get(letter, letter) for letter in title.casefold())
    stem = re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")[:KEY_LENGTH].strip("-") or "direction"
    number, key = 2, stem
    while key in taken:
        number, key = number + 1, f"{stem}-{number}"
    return key
