"""`python -m deploy.build_widget`: checks the widget and packs `dist/widget.zip`, the same bytes every time.

amoCRM wants the manifest at the root of the archive beside the files of `widget/`. With PUBLIC_URL in the
environment the archive speaks to that server instead of the example one.
"""

import json
import os
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from deploy.widget_files import TEXT_SUFFIXES, check_files, check_text
from deploy.widget_manifest import MANIFEST, check_manifest, check_texts

EXAMPLE_URL = "https://mostik.example.com"
ARCHIVE = Path("dist/widget.zip")  # amoCRM takes no other file name
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can say; the real time would change every build


def main() -> int:
    url = os.environ.get("PUBLIC_URL", EXAMPLE_URL).rstrip("/")
    if not re.fullmatch(r"https?://[^\s'\"/]+(/[^\s'\"]*)?", url):
        return _fail([f"PUBLIC_URL: expected an address like {EXAMPLE_URL}"])
    problems = check(Path())
    if problems:
        return _fail(problems)
    files = build(Path(), url, ARCHIVE)
    print(f"{ARCHIVE}: {files} files, {ARCHIVE.stat().st_size} bytes, for {url}")
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
    return problems


def build(project: Path, url: str, archive: Path) -> int:
    """Pack without checking; returns the number of files."""
    root = project / "widget"
    members = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    members[MANIFEST] = project / MANIFEST
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name in sorted(members):
            target.writestr(_entry(name), _content(members[name], url))
    return len(members)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    return entry


def _content(path: Path, url: str) -> bytes:
    data = path.read_bytes()
    return data.replace(EXAMPLE_URL.encode(), url.encode()) if path.suffix in TEXT_SUFFIXES else data


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        manifest = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return None
    return manifest if isinstance(manifest, dict) else None


def _fail(problems: list[str]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
