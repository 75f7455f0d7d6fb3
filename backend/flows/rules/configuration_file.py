"""The configuration document as YAML text: what a person edits, read without YAML's surprises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import indent
from typing import Any

import yaml

from backend.core.errors import InvalidInput
from backend.core.rules.document import Problem

LARGEST = 1_000_000  # characters; a network of a hundred salons needs a tenth of it
MOST_VALUES = 100_000  # keys too: half a million short ones within the limit would take half a minute
PLAIN_WIDTH = 110
LISTS = ("branches", "directions", "routes")
STEP = "  "  # a list stands within its section


class _TooMuch(Exception):
    """More values than any configuration has."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain values: `off`, `no`, `12:30` and dates are texts. No aliases, no key twice, no more
    than a person would write.
    """

    _left = MOST_VALUES

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not supported", mark)
        self._left -= 1
        if self._left < 0:
            raise _TooMuch
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is not a plain value", key.start_mark
                )
            if (key.tag, key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} stands twice", key.start_mark
                )
            seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789")
)


class _Dumper(yaml.SafeDumper):
    """Indents lists, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        del indentless
        return super().increase_indent(flow, False)


def read(text: str) -> object:
    """Plain data of a document; InvalidInput names the line of what is not YAML."""
    if len(text) > LARGEST:
        raise _invalid(Problem("", "configuration.too_large", {"most": str(LARGEST)}))
    try:
        return yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader with less in it)
    except _TooMuch as error:
        raise _invalid(Problem("", "configuration.too_many", {"most": str(MOST_VALUES)})) from error
    except yaml.YAMLError as error:
        raise _invalid(_problem(error)) from error
    except (RecursionError, ValueError) as error:  # nested without end, or a date that is none
        problem = Problem("", "configuration.yaml", {"line": "?", "problem": type(error).__name__})
        raise _invalid(problem) from error


def write(document: dict[str, Any]) -> str:
    """The lists are put together from items written before: a network has hundreds, and one version differs
    from the next in a few.
    """
    lists = {name: document[name] for name in LISTS if _is_list_of_tables(document.get(name))}
    written = {f"{name}: []": f"{name}:\n{_items(tables)}" for name, tables in lists.items()}
    rest = _dumped({**document, **{name: [] for name in lists}}, PLAIN_WIDTH)
    return "\n".join(written.get(line, line) for line in rest.split("\n"))


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and one for one in value)


def _items(tables: list[dict[Any, Any]]) -> str:
    return "\n".join(_item(_Item(repr(table), table)) for table in tables)


@dataclass(frozen=True, slots=True)
class _Item:
    """One table of a list, the same as another one when it reads the same."""

    text: str
    table: dict[Any, Any] = field(compare=False)


@lru_cache(maxsize=2_000)
def _item(item: _Item) -> str:
    return indent(_dumped([item.table], PLAIN_WIDTH - len(STEP)), STEP).rstrip("\n")


def _dumped(data: object, width: int) -> str:
    text: str = yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=width
    )
    return text


def _problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or type(error).__name__
    line = str(mark.line + 1) if mark else "?"
    return Problem("", "configuration.yaml", {"line": line, "problem": str(problem)})


def _invalid(problem: Problem) -> InvalidInput:
    return InvalidInput("configuration.invalid", problems=(problem,), count=1)
