"""What amoCRM's moderation demands of a widget's files: plain text, exact pictures, nothing unused."""

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
TOUR_NAME = re.compile(r"images/tour_\d+_(\w+)\.png")
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
CODE_SUFFIXES = (".js", ".twig", ".css")
TEXT_SUFFIXES = (*CODE_SUFFIXES, ".json")
BUDGET = 96 * 1024  # scripts, templates and styles, unpacked: they load into every card a person opens


def check_files(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """Everything below `root`, the folder `widget/`."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    for path in paths:
        if path.suffix in TEXT_SUFFIXES:
            yield from check_text(f"widget/{path.relative_to(root).as_posix()}", path.read_bytes())
    if not (root / "script.js").is_file():
        yield "widget/script.js: missing"
    if (size := code_size(root)) > BUDGET:
        yield f"widget: scripts, templates and styles are {size} bytes, at most {BUDGET}"
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


def code_size(root: Path) -> int:
    """What a browser has to load before anything is drawn, in bytes."""
    return sum(path.stat().st_size for path in root.rglob("*") if path.suffix in CODE_SUFFIXES)


def _check_pictures(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    sizes = dict(PICTURES)
    if "digital_pipeline" in manifest.get("locations", []):
        sizes |= PIPELINE_PICTURE
    expected = {f"images/{name}": size for name, size in sizes.items()}
    expected |= dict.fromkeys(_tour_paths(manifest), TOUR_SIZE)
    for name, size in expected.items():
        path = root / name
        if not path.is_file():
            yield f"widget/{name}: missing"
        else:
            yield from _check_picture(f"widget/{name}", path.read_bytes(), size)
    yield from _check_tour(manifest)


def _check_picture(name: str, data: bytes, size: tuple[int, int]) -> Iterator[str]:
    """amoCRM takes PNG, JPEG and GIF; ours are PNG, which stays sharp and is checked by its header."""
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


def _check_tour(manifest: dict[str, Any]) -> Iterator[str]:
    """A picture of the tour is named tour_N_lang.png and stands under its own language."""
    for language, paths in _tour(manifest).items():
        for path in paths:
            named = TOUR_NAME.fullmatch(str(path).lstrip("/"))
            if named is None or named[1] != language:
                yield f"manifest.json: tour picture {path} must be images/tour_N_{language}.png"


def _tour(manifest: dict[str, Any]) -> dict[str, list[str]]:
    images: dict[str, list[str]] = manifest.get("tour", {}).get("tour_images", {})
    return images


def _tour_paths(manifest: dict[str, Any]) -> list[str]:
    return [str(path).lstrip("/") for paths in _tour(manifest).values() for path in paths]


def _check_unused(manifest: dict[str, Any], root: Path, paths: list[Path]) -> Iterator[str]:
    """Moderation refuses an archive with files that nothing uses."""
    scripts = "\n".join(path.read_text(errors="replace") for path in paths if path.suffix == ".js")
    pictures = PICTURES | (PIPELINE_PICTURE if "digital_pipeline" in manifest.get("locations", []) else {})
    used = {"script.js", *(f"images/{name}" for name in pictures), *_tour_paths(manifest)}
    for path in paths:
        name = path.relative_to(root).as_posix()
        is_named = path.name in scripts or (path.suffix == ".twig" and f"'{path.stem}'" in scripts)
        is_text_of_interface = name.startswith("i18n/")
        if name not in used and not is_named and not is_text_of_interface:
            yield f"widget/{name}: nothing uses this file"
