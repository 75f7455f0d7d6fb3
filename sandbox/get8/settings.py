"""What the customer once set up in GET8, and how this copy of it behaves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

Plain = dict[str, Any]


class Style(StrEnum):
    """How a deal says which record it belongs to."""

    FIELD = "field"
    URL = "url"
    NOTE = "note"
    NONE = "none"


class Links(StrEnum):
    """Where GET8 itself looks for the deal of a record: in its own database, or at its marks in amoCRM."""

    PRIVATE = "private"
    MARKS = "marks"


@dataclass(frozen=True, slots=True)
class Stages:
    """Stage of a pipeline for each attendance of YCLIENTS."""

    waiting: int
    confirmed: int
    arrived: int = 142
    no_show: int = 143
    cancelled: int = 143

    def of(self, attendance: int, is_deleted: bool) -> int:
        if is_deleted:
            return self.cancelled
        return {2: self.confirmed, 1: self.arrived, -1: self.no_show}.get(attendance, self.waiting)

    def attendance_of(self, stage: int) -> int | None:
        """What a stage chosen by a person means in YCLIENTS; None: nothing."""
        meaning = {self.waiting: 0, self.confirmed: 2, self.arrived: 1, self.no_show: -1}
        return None if stage == self.cancelled else meaning.get(stage)


@dataclass(frozen=True, slots=True)
class Salon:
    """One branch: pipelines by category of the first service, and who is responsible."""

    company_id: int
    title: str
    pipelines: dict[int, int]
    default_pipeline: int
    responsible_id: int

    def pipeline_of(self, category_id: int) -> int:
        return self.pipelines.get(category_id, self.default_pipeline)


@dataclass(frozen=True, slots=True)
class Setup:
    """Addresses, keys, salons, stages by pipeline; `attachable`: stages whose open deal it takes over."""

    domain: str
    public: str
    amocrm: str
    yclients: str
    client_id: str
    client_secret: str
    partner: str
    user_token: str
    salons: tuple[Salon, ...]
    stages: dict[int, Stages]
    attachable: tuple[int, ...] = ()

    @classmethod
    def of(cls, given: Plain) -> Setup:
        """From JSON, where keys of objects are texts."""
        salons = tuple(
            Salon(**{**row, "pipelines": {int(k): v for k, v in row["pipelines"].items()}})
            for row in given["salons"]
        )
        stages = {int(pipeline): Stages(**row) for pipeline, row in given["stages"].items()}
        more = {"salons": salons, "stages": stages, "attachable": tuple(given.get("attachable", ()))}
        return cls(**{**given, **more})

    def salon(self, company_id: int) -> Salon | None:
        return next((salon for salon in self.salons if salon.company_id == company_id), None)


@dataclass(slots=True)
class Options:
    """Habits; chances are shares of one. Seconds from an event to what GET8 does about it lie in `lag`."""

    style: Style = Style.FIELD
    links: Links = Links.PRIVATE
    lag: tuple[float, float] = (5.0, 20.0)
    duplicate: float = 0.0
    loss: float = 0.0
    has_switch: bool = True
    attaches: bool = True
    catches_up: bool = False
    reverse: bool = False

    def change(self, changes: Plain) -> None:
        unknown = changes.keys() - {known.name for known in fields(self)}
        if unknown:
            raise ValueError(f"unknown option {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self, name, _READ.get(name, _same)(value))


def _pair(given: Any) -> tuple[float, float]:
    return float(given[0]), float(given[1])


def _same(given: Any) -> Any:
    return given


_READ: dict[str, Callable[[Any], Any]] = {"style": Style, "links": Links, "lag": _pair}


@dataclass(frozen=True, slots=True)
class Layout:
    """Names and types of GET8's own fields: another installation calls them otherwise."""

    record: tuple[str, str]
    url: tuple[str, str]
    visit: tuple[str, str]
    services: tuple[str, str]
    staff: tuple[str, str]
    salon: tuple[str, str]
    tag: str
    name: str
    ids: dict[str, int] = field(default_factory=dict, compare=False)

    @classmethod
    def by_seed(cls, seed: int) -> Layout:
        pick = random.Random(f"layout {seed}").choice  # noqa: S311 - a repeatable choice is the point
        return cls(
            record=(pick(("ID записи", "Номер визита", "YC ID")), pick(("text", "numeric"))),
            url=(pick(("Запись в YCLIENTS", "Ссылка на запись")), "url"),
            visit=(pick(("Дата и время визита", "Визит", "Дата записи")), "date_time"),
            services=(pick(("Услуги", "Состав визита")), "textarea"),
            staff=(pick(("Мастер", "Специалист")), "text"),
            salon=(pick(("Филиал", "Салон", "Точка")), "text"),
            tag=pick(("yclients", "GET8", "запись")),
            name=pick(("Запись: {client}", "{services}", "{client}, {salon}")),
        )

    def wanted(self, style: Style) -> dict[str, tuple[str, str]]:
        """The fields that this style needs, by their parts."""
        common = {
            "visit": self.visit,
            "services": self.services,
            "staff": self.staff,
            "salon": self.salon,
        }
        marked = {Style.FIELD: {"record": self.record}, Style.URL: {"url": self.url}}
        return {**marked.get(style, {}), **common}


def style_by_seed(seed: int) -> Style:
    return random.Random(f"style {seed}").choice(list(Style))  # noqa: S311 - repeatable
