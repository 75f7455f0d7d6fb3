"""`python -m docs.tools [--check]`: writes the generated tables of docs/*.md, or says which are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from docs.tools import database, get8, proof, rules, service, source
from docs.tools.markdown import DocsError, filled

DOCS = Path(__file__).resolve().parents[1]
TABLES: Mapping[str, Callable[[], str]] = {
    "database": database.schema,
    "files": source.files,
    "classes": source.classes,
    "reasons": rules.reasons,
    "troubles": rules.troubles,
    "options": rules.options,
    "fields": rules.fields,
    "settings": service.settings,
    "routes": service.routes,
    "commands": service.commands,
    "make": service.make,
    "catalogue": proof.catalogue,
    "decisions": proof.decisions,
    "predecessor": get8.functions,
    "figures": proof.figures,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m docs.tools", description="Tables that come from the code."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a table is stale")
    is_check = parser.parse_args().check
    try:
        stale = [path for path in sorted(DOCS.glob("*.md")) if _refresh(path, is_check=is_check)]
    except DocsError as error:
        sys.stderr.write(f"docs: {error}\n")
        return 1
    for path in stale:
        name = f"docs/{path.name}"
        print(f"{name}: tables are stale, run `make docs`" if is_check else f"{name}: written")
    return 1 if is_check and stale else 0


def _refresh(path: Path, *, is_check: bool) -> bool:
    """Whether the file is not what the code says; without `is_check` it is made so."""
    before = path.read_text(encoding="utf-8")
    after = filled(before, _written)
    if after != before and not is_check:
        path.write_text(after, encoding="utf-8")
    return after != before


@cache
def _written(name: str) -> str:
    if name not in TABLES:
        raise DocsError(f"no table is called {name}; known: {', '.join(TABLES)}")
    return TABLES[name]()


if __name__ == "__main__":
    sys.exit(main())
