"""The archive of a widget as amoCRM keeps it: read from a zip or a folder, checked as at upload.

The file is looked at again whenever it has changed, so a rebuilt widget is there after a reload of the page.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.amocrm.checks import Json

MANIFEST = "manifest.json"
SCRIPT = "script.js"


class NoArchive(Exception):
    """There is nothing to load; the message is for the person who looks at the page."""


@dataclass(frozen=True, slots=True)
class Archive:
    manifest: Json
    files: dict[str, bytes]
    langs: dict[str, Json]
    """The i18n files by language."""

    @property
    def version(self) -> str:
        return str(self.manifest["widget"].get("version", "0"))

    @property
    def locations(self) -> list[str]:
        return list(self.manifest.get("locations", ()))

    @property
    def settings(self) -> Json:
        return dict(self.manifest.get("settings") or {})

    @property
    def trigger_settings(self) -> Json:
        return dict((self.manifest.get("dp") or {}).get("settings") or {})

    @property
    def trigger_url(self) -> str:
        return str((self.manifest.get("dp") or {}).get("webhook_url") or "")

    def texts(self, lang: str) -> Json:
        """Of the wanted language, or of the first one that the widget has."""
        return self.langs.get(lang) or next(iter(self.langs.values()))

    def say(self, path: str, lang: str) -> str:
        """The text of a dotted path; amoCRM shows the path itself when there is none."""
        found: Any = self.texts(lang)
        for step in path.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return found if isinstance(found, str) else path


class Shelf:
    """Archives by their place on the disk, each read once per change."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[tuple[int, int], Archive]] = {}

    def archive(self, place: str) -> Archive:
        stamp = _stamp(Path(place))
        known = self._read.get(place)
        if known is None or known[0] != stamp:
            known = (stamp, _checked(place, _files(Path(place))))
            self._read[place] = known
        return known[1]


def code_of(client_id: str) -> str:
    """amoCRM gives a widget its code at upload; here the same integration always gets the same one."""
    return "w" + hashlib.sha1(client_id.encode(), usedforsecurity=False).hexdigest()[:11]


def _stamp(place: Path) -> tuple[int, int]:
    """What tells one build from the next."""
    try:
        if place.is_dir():
            inside = [place, *place.rglob("*")]
            return max(path.stat().st_mtime_ns for path in inside), len(inside)
        found = place.stat()
    except OSError:
        raise NoArchive(
            f"Архива виджета нет: {place}. Соберите его командой make widget и обновите страницу."
        ) from None
    return found.st_mtime_ns, found.st_size


def _files(place: Path) -> dict[str, bytes]:
    if place.is_dir():
        found = (path for path in place.rglob("*") if path.is_file())
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in found}
    try:
        with zipfile.ZipFile(place) as packed:
            return {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}
    except (zipfile.BadZipFile, OSError):
        raise NoArchive(f"{place} не читается как архив zip.") from None


def _checked(place: str, files: dict[str, bytes]) -> Archive:
    """As the form of upload would: what is missing or broken is told, not guessed."""
    manifest = _object(place, files, MANIFEST)
    widget = manifest.get("widget")
    if not isinstance(widget, dict) or not isinstance(manifest.get("locations"), list):
        raise NoArchive(f"{place}: в {MANIFEST} нет widget или locations.")
    if SCRIPT not in files:
        raise NoArchive(f"{place}: нет {SCRIPT} в корне архива.")
    locale = widget.get("locale")
    if not isinstance(locale, list) or not locale:
        raise NoArchive(f"{place}: в {MANIFEST} не названы языки (widget.locale).")
    return Archive(manifest, files, {lang: _object(place, files, f"i18n/{lang}.json") for lang in locale})


def _object(place: str, files: dict[str, bytes], name: str) -> Json:
    if name not in files:
        raise NoArchive(f"{place}: нет {name} в архиве.")
    try:
        found = json.loads(files[name])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoArchive(f"{place}: {name} не объект JSON.")
    return found
