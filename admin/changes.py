"""Changed values in words of the salon: which salon, which direction, which stage, before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from admin import call_changes
from admin.names import Names
from admin.pages import language
from backend import texts
from backend.core.rules.configuration_changes import Difference
from backend.flows.rules import configuration
from backend.flows.widget import spoken
from backend.store import catalogue, connections

PLACE = re.compile(r"(branches|directions|routes)\[(.*)\]\.(\w+)(?:\.(.*))?")
LONGEST = 300  # characters of a value worth showing
STOPPED = "stopped"  # holds a trouble, which is said as everywhere
BY_SALON = ("excluded_labels", "auxiliary")
FLAGS = {True: "change.yes", False: "change.no"}


@dataclass(frozen=True, slots=True)
class Told:
    """One changed value as a person reads it; an empty text stands for «there is none»."""

    where: str
    old: str
    new: str


def told(account_id: int | None, differences: Iterable[Difference]) -> list[Told]:
    words = Words(account_id)
    return [words.told(difference) for difference in differences]


def _sides(side: object) -> dict[str, Any]:
    if isinstance(side, Mapping):
        return {str(key): value for key, value in side.items()}
    return {} if side is None else {"": side}


class Words:
    """Names are read once, and only when a value asks for them."""

    def __init__(self, account_id: int | None) -> None:
        self._account_id = account_id
        self._t: Callable[..., str] = partial(_text, language())

    def sides(self, before: object, after: object) -> list[Told]:
        """The two sides of a line of the trail, whatever they hold."""
        old, new = _sides(before), _sides(after)
        keys = dict.fromkeys((*old, *new))
        return [self.told(Difference(k, old.get(k), new.get(k))) for k in keys if old.get(k) != new.get(k)]

    def told(self, change: Difference) -> Told:
        found = PLACE.fullmatch(change.path)
        where, read = self._listed(*found.groups()) if found else self._single(change.path)
        return Told(where, self._side(change.old, read), self._side(change.new, read))

    def _side(self, value: object, read: Callable[[Any], str]) -> str:
        """Values of a list are read one by one; what cannot be read shows itself."""
        if value is None or value == []:
            return ""
        many = value if isinstance(value, list) else [value]
        return ", ".join(read(one) for one in many)[:LONGEST]

    # where, and how its values are read

    def _single(self, path: str) -> tuple[str, Callable[[Any], str]]:
        area, _, name = path.partition(".")
        if area == "fields":
            return self._t("change.field", name=self._t(f"field_name.{name}")), self._field
        if area == "contact_fields":
            return self._t("change.contact_field", name=self._t(f"contact_fields.name.{name}")), self._field
        if area == "products":
            return self._t("contact_fields.products"), self._catalog
        if area == "options":
            return self._of_option(name)
        if area == "telephony":
            return call_changes.told(name, self._t, self._names, partial(self._plain, path))
        if area == "tasks":
            return self._t("change.tasks"), self._task
        read = partial(spoken.trouble, language()) if path == STOPPED else partial(self._plain, path)
        return self._label("change", path), read

    def _of_option(self, name: str) -> tuple[str, Callable[[Any], str]]:
        """Ids per salon are told salon by salon."""
        label = self._label("options", name.replace(".", "_"))
        if name.startswith("settle."):
            return self._t("change.settle", of=label), str
        whole, _, salon = name.partition(".")
        if whole in BY_SALON:
            where = self._t("change.of_salon", what=self._label("options", whole), salon=self._branch(salon))
            return where, partial(self._offered, "services", salon) if whole == "auxiliary" else _numbered
        return label, partial(self._option, name)

    def _task(self, value: Any) -> str:
        """A rule of tasks: its cause and its words."""
        cause = self._label("wording", f"when_{value.get('when')}")
        return f"{cause}: {value['text']}" if value.get("text") else cause

    def _listed(self, kind: str, key: str, name: str, rest: str | None) -> tuple[str, Callable[[Any], str]]:
        whose = {"branches": self._salon, "directions": self._direction, "routes": self._route}[kind](key)
        if kind == "directions" and name in ("categories", "services") and rest:
            what = self._t(f"change.{name}", salon=self._branch(rest))
            return f"{whose}: {what}", partial(self._offered, name, rest)
        if name in ("stages", "ranks") and rest:
            what = self._t(f"phase.{rest}") if name == "stages" else self._stage(rest)
            return f"{whose}: {self._t('change.' + name, of=what)}", self._stage if name == "stages" else str
        if name in ("staff", "authors") and rest:
            return f"{whose}: {self._whom(key, name, rest)}", self._master_value(name, rest)
        if name == "trigger" and rest:
            what = self._label("change", f"routes.trigger.{rest}")
            return f"{whose}: {what}", self._pipeline if rest == "pipeline" else self._stage
        return f"{whose}: {self._label('change', f'{kind}.{name}')}", self._reader(kind, key, name)

    def _whom(self, branch: str, name: str, rest: str) -> str:
        """Of which person of the salon something is set."""
        number, _, part = rest.partition(".")
        if name == "authors":
            return self._t("change.author", name=_numbered(number))
        return self._t(f"change.master.{part}", name=self._staff(branch, int(number)))

    def _master_value(self, name: str, rest: str) -> Callable[[Any], str]:
        return self._title if name == "staff" and rest.endswith("direction") else self._user

    def _reader(self, kind: str, key: str, name: str) -> Callable[[Any], str]:
        readers: dict[str, Callable[[Any], str]] = {
            "responsible_id": self._user,
            "pipeline": self._pipeline,
            "attachable": self._stage,
            "mode": lambda value: self._label("mode", str(value)),
            "excluded_staff": partial(self._staff, key),
            "branch": self._branch,
            "multi_category": lambda value: self._label("options.multi_category", str(value)),
            "user_token": lambda value: self._label("change.token", str(value)),
        }
        return readers.get(name, partial(self._plain, f"{kind}.{name}"))

    def _salon(self, key: str) -> str:
        return self._t("change.salon", name=self._branch(key))

    def _direction(self, key: str) -> str:
        return self._t("change.direction", name=self._title(key))

    def _route(self, key: str) -> str:
        branch, _, direction = key.partition("/")
        return self._t("change.route", salon=self._branch(branch), direction=self._title(direction))

    def _label(self, area: str, name: str) -> str:
        """The words for a name; one that has none is shown as it is."""
        code = f"{area}.{name}"
        code = f"{code}.label" if texts.has(f"{code}.label") else code
        return self._t(code) if texts.has(code) else name

    # values

    def _plain(self, path: str, value: Any) -> str:
        if isinstance(value, bool):
            return self._t(FLAGS[value])
        for area in (f"change.values.{path}", path):
            if texts.has(f"{area}.{value}"):
                return self._t(f"{area}.{value}")
        return str(value)

    def _option(self, name: str, value: Any) -> str:
        if name.startswith("loss_reasons"):
            return self._names.loss_reason(value) if self._names else f"№ {value}"
        if name == "common_pipelines":
            return self._pipeline(value)
        if isinstance(value, bool):
            return self._t(FLAGS[value])
        return self._label(f"options.{name.replace('.', '_')}", str(value))

    def _field(self, value: Any) -> str:
        if isinstance(value, int):
            return self._names.field(value) if self._names else f"№ {value}"
        return self._label("change.values.fields", str(value))

    def _catalog(self, value: Any) -> str:
        if isinstance(value, int):
            return self._names.catalog(value) if self._names else f"№ {value}"
        return self._t("contact_fields.products_create")

    def _user(self, value: Any) -> str:
        return self._names.user(int(value)) if self._names else f"№ {value}"

    def _pipeline(self, value: Any) -> str:
        return self._names.pipeline(int(value)) if self._names else f"№ {value}"

    def _stage(self, value: Any) -> str:
        return self._names.stage(None, int(value)).name if self._names else f"№ {value}"

    def _branch(self, value: Any) -> str:
        return self._branches.get(str(value), (0, f"№ {value}"))[1]

    def _title(self, key: str) -> str:
        return self._titles.get(key, key)

    def _staff(self, branch: str, value: Any) -> str:
        row_id, _ = self._branches.get(branch, (0, ""))
        names = {one.id: one.name for one in catalogue.catalogue(row_id).staff} if row_id else {}
        return names.get(value, f"№ {value}")

    def _offered(self, kind: str, branch: str, value: Any) -> str:
        """The title of a category or a service of this salon."""
        row_id, _ = self._branches.get(branch, (0, ""))
        if not row_id:
            return f"№ {value}"
        if row_id not in self._titles_of:
            found = catalogue.catalogue(row_id)
            self._titles_of[row_id] = {
                "categories": dict(found.categories),
                "services": {service.id: service.title for service in found.services},
            }
        return self._titles_of[row_id][kind].get(value, f"№ {value}")

    # names, read when first needed

    @cached_property
    def _names(self) -> Names | None:
        return Names(self._account_id) if self._account_id is not None else None

    @cached_property
    def _branches(self) -> dict[str, tuple[int, str]]:
        rows = connections.of_account(self._account_id) if self._account_id is not None else []
        return {str(row.company_id): (row.id, row.title) for row in rows}

    @cached_property
    def _titles(self) -> dict[str, str]:
        if self._account_id is None:
            return {}
        return {one.key: one.title for one in configuration.current(self._account_id).directions}

    @cached_property
    def _titles_of(self) -> dict[int, dict[str, dict[int, str]]]:
        return {}


def _text(lang: str, code: str, /, **values: object) -> str:
    return texts.t(code, lang, **values)


def _numbered(value: Any) -> str:
    return f"№ {value}"
