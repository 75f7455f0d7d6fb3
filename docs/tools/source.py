"""Modules, classes and functions, read without importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from docs.tools import words
from docs.tools.markdown import DocsError, code, table

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("backend", "admin", "sandbox", "bench", "deploy", "docs/tools")
OPENED = ("backend", "admin")  # whose classes and functions are listed
MOST_FIELDS = 24

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> str:
    """Every folder with its modules, one sentence each."""
    return "\n\n".join(_folder(folder) for package in PACKAGES for folder in _folders(ROOT / package))


def classes() -> str:
    """Public classes with their methods, and public functions, by module."""
    paths = [path for package in OPENED for path in _modules(ROOT / package, "rglob")]
    return "\n\n".join(filter(None, map(_module, paths)))


def _folders(top: Path) -> list[Path]:
    return sorted({path.parent for path in _modules(top, "rglob")})


def _modules(folder: Path, how: str) -> list[Path]:
    return sorted(getattr(folder, how)("*.py"))


def _folder(folder: Path) -> str:
    name = folder.relative_to(ROOT).as_posix()
    rows = [(code(path.name), _sentence(_parsed(path))) for path in _modules(folder, "glob")]
    return f"**`{name}/`** — {words.of('folders', name)}\n\n" + table(
        ("файл", "назначение"), [row for row in rows if row[1] or row[0] != "`__init__.py`"]
    )


def _module(path: Path) -> str:
    tree, name = _parsed(path), path.relative_to(ROOT).with_suffix("").as_posix()
    rows = [row for node in tree.body for row in _told(node)]
    if not rows:
        return ""
    name = name.replace("/", ".").removesuffix(".__init__")
    return f"**`{name}`** — {_sentence(tree)}\n\n" + table(("имя", "назначение"), rows)


def _told(node: ast.stmt) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
        fields = _fields(node)
        yield code(_class_head(node)), " ".join(filter(None, (_sentence(node), fields))) or "—"
        for part in node.body:
            if isinstance(part, Function) and not part.name.startswith("_"):
                yield code(f"{node.name}.{_signature(part)}"), _sentence(part) or "—"
    elif isinstance(node, Function) and not node.name.startswith("_"):
        yield code(_signature(node)), _sentence(node) or "—"


def _class_head(node: ast.ClassDef) -> str:
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    return f"class {node.name}({bases})" if bases else f"class {node.name}"


def _fields(node: ast.ClassDef) -> str:
    """Names of a data class, of an enumeration, of a table's row."""
    names = [
        target.id
        for part in node.body
        for target in _targets(part)
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    ]
    shown = ", ".join(map(code, names[:MOST_FIELDS])) + (" …" if len(names) > MOST_FIELDS else "")
    return f"Поля: {shown}." if names else ""


def _targets(part: ast.stmt) -> list[ast.expr]:
    if isinstance(part, ast.AnnAssign):
        return [part.target]
    return list(part.targets) if isinstance(part, ast.Assign) else []


def _signature(node: Function) -> str:
    arguments = ast.unparse(node.args)
    for first in ("self, ", "cls, "):
        arguments = arguments.removeprefix(first)
    arguments = "" if arguments in ("self", "cls") else arguments
    answer = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({arguments}){answer}"


def _sentence(node: ast.Module | ast.ClassDef | Function) -> str:
    """The first paragraph of the docstring up to its first full stop."""
    text = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise DocsError(f"{path.relative_to(ROOT)}: {error.msg}") from error
