"""`python -m deploy.build_widget`: checks the widget and packs `dist/widget.zip`, the same bytes every time.

amoCRM wants the manifest at the root of the archive beside the files of `widget/`. With PUBLIC_URL in the
environment the archive speaks to that server instead of the example one, with SUPPORT_EMAIL it names that
address of the people who help.
"""

import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.widget_code import check_code
from deploy.widget_files import BUDGET, TEXT_SUFFIXES, check_files, check_text, code_size
from deploy.widget_manifest import MANIFEST, check_manifest
from deploy.widget_texts import check_texts

EXAMPLE_URL = "https://mostik.example.com"
EXAMPLE_EMAIL = "help@mostik.example.com"
LOOPBACK = ("127.0.0.1", "localhost")
ARCHIVE = Path("dist/widget.zip")  # amoCRM takes no other file name
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can say; the real time would change every build


def main(environment: Mapping[str, str]) -> int:
    url = (environment.get("PUBLIC_URL") or EXAMPLE_URL).rstrip("/")
    email = environment.get("SUPPORT_EMAIL") or EXAMPLE_EMAIL
    problems = [*check_address(url), *check_email(email)] or check(Path())
    if problems:
        return _fail(problems)
    files = build(Path(), url, ARCHIVE, email)
    print(f"{ARCHIVE}: {files} files, {ARCHIVE.stat().st_size} bytes, for {url}")
    print(
        f"scripts, templates and styles: {_kilobytes(code_size(Path('widget')))} KB of {_kilobytes(BUDGET)}"
    )
    for note in _notes(url, email):
        print(f"note: {note}")
    return 0


def check(project: Path) -> list[str]:
    """Every rule that a machine can check; each problem begins with the file it is in."""
    try:
        data = (project / MANIFEST).read_bytes()
    except OSError:
        return [f"{MANIFEST}: missing"]
    problems = list(check_text(MANIFEST, data))
    manifest = _parse(data)
    if manifest is None:
        return [*problems, f"{MANIFEST}: is not a JSON object"]
    problems += check_manifest(manifest)
    if isinstance(manifest.get("widget"), dict):
        problems += check_texts(manifest, project / "widget")
        problems += check_files(manifest, project / "widget")
        problems += check_code(manifest, project / "widget")
    return problems


def check_address(url: str) -> Iterator[str]:
    """amoCRM calls only https, and no domain in Cyrillic; a machine may try the widget on itself."""
    if not re.fullmatch(r"https?://[\w.:-]+(/[\w./~-]*)?", url, re.ASCII):
        yield f"PUBLIC_URL: expected an address like {EXAMPLE_URL}"
    elif url.startswith("http://") and urlsplit(url).hostname not in LOOPBACK:
        yield "PUBLIC_URL: amoCRM calls https addresses only; http is for a trial on 127.0.0.1"


def check_email(email: str) -> Iterator[str]:
    if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", email, re.ASCII):
        yield f"SUPPORT_EMAIL: expected an address like {EXAMPLE_EMAIL}"


def build(project: Path, url: str, archive: Path, email: str = EXAMPLE_EMAIL) -> int:
    """Pack without checking; returns the number of files."""
    root = project / "widget"
    members = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    members[MANIFEST] = project / MANIFEST
    addresses = {EXAMPLE_URL: url, EXAMPLE_EMAIL: email}
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name in sorted(members):
            target.writestr(_entry(name), _content(members[name], addresses))
    return len(members)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry


def _content(path: Path, addresses: Mapping[str, str]) -> bytes:
    data = path.read_bytes()
    if path.suffix in TEXT_SUFFIXES:
        for example, real in addresses.items():
            data = data.replace(example.encode(), real.encode())
    return data


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        manifest = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return None
    return manifest if isinstance(manifest, dict) else None


def _notes(url: str, email: str) -> Iterator[str]:
    """What is right for a trial and would be wrong in the marketplace."""
    if url.startswith("http://"):
        yield "this archive works on this machine only: amoCRM itself calls https addresses"
    if url == EXAMPLE_URL:
        yield f"PUBLIC_URL is not set, the archive speaks to {EXAMPLE_URL}"
    if email == EXAMPLE_EMAIL:
        yield f"SUPPORT_EMAIL is not set, the texts name {EXAMPLE_EMAIL}"


def _kilobytes(size: int) -> str:
    return f"{size / 1024:.1f}".removesuffix(".0")


def _fail(problems: list[str]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
