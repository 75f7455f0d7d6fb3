"""What amoCRM's moderation demands of a widget's pictures, scripts, templates and styles."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PICTURE_LIMIT = 300 * 1024
PICTURES = {
    "logo.png": (130, 100),
    "logo_main.png": (400, 272),
    "logo_medium.png": (240, 84),
    "logo_min.png": (84, 84),
    "logo_small.png": (108, 108),
}
PIPELINE_PICTURE = {"logo_dp.png": (174, 109)}
TOUR_SIZE = (1188, 616)
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
TEXT_SUFFIXES = (".js", ".json", ".twig", ".css")
PREFIX = "ywx-"
LONGEST_LINE = 200  # a longer one looks minified; descriptions in JSON may be long

FORBIDDEN_IN_SCRIPTS = {
    r"\b(alert|confirm|prompt)\s*\(": "a browser dialog",
    r"\beval\s*\(|new\s+Function\b": "eval",
    r"\bconsole\.(?!debug\b|trace\b)": "console output other than debug and trace",
    r"\bdebugger\b": "a breakpoint",
    r"\basync\s*:\s*false": "a synchronous request",
    r"<script|createElement\(\s*['\"]script|\.getScript\(": "a script from elsewhere",
    r"\b(APP|AMOCRM)(\.\w+|\[[^\]]+\])*\s*=(?!=)": "a write into amoCRM's own objects",
    r"\b(window|globalThis|self)\.\w+\s*=(?!=)": "a global variable",
    r"postMessage\([^)]*,\s*['\"]\*['\"]": "a message to any window",
    r"\.innerHTML\b|\.outerHTML\b": "HTML built in a script",
    r"\bXMLHttpRequest\b|\bfetch\s*\(|\$\.(ajax|get|post|getJSON)\s*\(": "a request that is not authorized",
    r"switcher__o(n|ff)": "amoCRM's own switcher classes",
    r"^\s*//.*[;{]\s*$": "code in a comment",
    r"\.js-widget-(install|uninstall)\b": "amoCRM's own install buttons",
}
FORBIDDEN_IN_TEMPLATES = {
    r"<script": "a script",
    r"\sstyle\s*=": "an inline style",
    r"\son\w+\s*=": "an inline handler",
    r"<(?:link|iframe|object|embed)\b": "an element that loads something",
    rf"\b(?:class|id)\s*=\s*[\"'](?!{PREFIX})": f"a class or id without {PREFIX}",
}
FORBIDDEN_IN_STYLES = {
    r"!important": "!important",
    r"@import|url\(\s*['\"]?(?:https?:)?//": "something from elsewhere",
    r"switcher__o(n|ff)": "amoCRM's own switcher classes",
}


def check_files(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """Everything below `root`, the folder `widget/`."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    for path in paths:
        name = f"widget/{path.relative_to(root).as_posix()}"
        if path.suffix in TEXT_SUFFIXES:
            yield from check_text(name, path.read_bytes())
            yield from _check_content(name, path)
    if not (root / "script.js").is_file():
        yield "widget/script.js: missing"
    yield from _check_pictures(manifest, root)
    yield from _check_unused(manifest, root, paths)


def check_text(name: str, data: bytes) -> Iterator[str]:
    """UTF-8 without a byte order mark, Unix newlines."""
    if data.startswith(b"\xef\xbb\xbf"):
        yield f"{name}: begins with a byte order mark"
    if b"\r" in data:
        yield f"{name}: has newlines that are not Unix ones"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        yield f"{name}: is not UTF-8"


def _check_content(name: str, path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".js":
        yield from _check_script(name, text)
    if path.suffix == ".twig":
        yield from _forbidden(name, text, FORBIDDEN_IN_TEMPLATES)
    if path.suffix == ".css":
        yield from _forbidden(name, text, FORBIDDEN_IN_STYLES)
        yield from _check_selectors(name, text)


def _check_script(name: str, text: str) -> Iterator[str]:
    yield from _forbidden(name, text, FORBIDDEN_IN_SCRIPTS)
    if not re.match(r"(//[^\n]*\n)*define\(", text):
        yield f"{name}: is not an AMD module, it must begin with define("
    if "'use strict';" not in text:
        yield f"{name}: lacks 'use strict'"
    if any(len(line) > LONGEST_LINE for line in text.splitlines()):
        yield f"{name}: has lines over {LONGEST_LINE} characters, as if minified"


def _forbidden(name: str, text: str, rules: dict[str, str]) -> Iterator[str]:
    for pattern, what in rules.items():
        if found := re.search(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: {what} is not allowed"


def _check_selectors(name: str, text: str) -> Iterator[str]:
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for group in re.findall(r"([^{}]+)\{", bare):
        for selector in group.split(","):
            if not selector.strip().startswith(("@", f".{PREFIX}")):
                yield f"{name}: selector {selector.strip()!r} is not under a class {PREFIX}…"


def _check_pictures(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    sizes = dict(PICTURES)
    if "digital_pipeline" in manifest.get("locations", []):
        sizes |= PIPELINE_PICTURE
    expected = {f"images/{name}": size for name, size in sizes.items()}
    expected |= dict.fromkeys(tour_pictures(manifest), TOUR_SIZE)
    for name, size in expected.items():
        path = root / name
        if not path.is_file():
            yield f"widget/{name}: missing"
        else:
            yield from _check_picture(f"widget/{name}", path.read_bytes(), size)


def _check_picture(name: str, data: bytes, size: tuple[int, int]) -> Iterator[str]:
    if len(data) > PICTURE_LIMIT:
        yield f"{name}: is larger than 300 KB"
    if not data.startswith(PNG_HEAD) or len(data) < 24:
        yield f"{name}: is not a PNG"
        return
    width, height = struct.unpack(">II", data[16:24])
    if (width, height) != size:
        yield f"{name}: is {width}×{height}, must be {size[0]}×{size[1]}"
    if b"acTL" in data:
        yield f"{name}: is animated"


def tour_pictures(manifest: dict[str, Any]) -> list[str]:
    images = manifest.get("tour", {}).get("tour_images", {})
    return [str(path).lstrip("/") for paths in images.values() for path in paths]


def _check_unused(manifest: dict[str, Any], root: Path, paths: list[Path]) -> Iterator[str]:
    """Moderation refuses an archive with files that nothing uses."""
    scripts = "\n".join(path.read_text(errors="replace") for path in paths if path.suffix == ".js")
    used = {
        "script.js",
        *(f"images/{name}" for name in PICTURES | PIPELINE_PICTURE),
        *tour_pictures(manifest),
    }
    for path in paths:
        name = path.relative_to(root).as_posix()
        is_named = path.name in scripts or (path.suffix == ".twig" and f"'{path.stem}'" in scripts)
        is_text_of_interface = name.startswith("i18n/")
        if name not in used and not is_named and not is_text_of_interface:
            yield f"widget/{name}: nothing uses this file"
