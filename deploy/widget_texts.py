"""What amoCRM demands of a widget's texts; every finding names the file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.widget_manifest import languages, text_paths

LATIN_LANGUAGES = ("en", "es", "pt")
CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\+\d[\d ()-]{8,}")
WORDING = {
    r"(?i:amocrm)(?<!amoCRM)": "spells amoCRM in another way",
    r"(?i)<script|<iframe|\son\w+\s*=|javascript:": "has code in it",
    r"(?i)бесплатн\w*\s+пробн|пробн\w*\s+бесплатн|free trial": "calls a trial free",
    r"(?i)lorem ipsum|\bTODO\b|\bFIXME\b": "is not finished",
}
LATIN_WORDING = {
    r"[а-яёА-ЯЁ]": "is not in the language of the file",
    r"\.ru\b": "has a .ru link",
    r"₽|\bRUB\b": "has a price in roubles",
}
OF_AMOCRM = ("widget.call_action",)  # amoCRM itself writes it on the button beside a number
BRAND = re.compile(r"amo|kommo|\bамо", re.IGNORECASE)


def check_texts(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """One file per language, all of one structure, with every text the manifest names and no other unused."""
    texts: dict[str, dict[str, str]] = {}
    for path in sorted((root / "i18n").glob("*")):
        if path.suffix != ".json" or path.stem not in languages(manifest):
            yield f"widget/i18n/{path.name}: not a language of widget.locale"
    for language in languages(manifest):
        name = f"widget/i18n/{language}.json"
        try:
            texts[language] = _flat(json.loads((root / "i18n" / f"{language}.json").read_bytes()))
        except (OSError, ValueError) as error:
            yield f"{name}: cannot be read ({error.__class__.__name__})"
            continue
        yield from _check_language(name, language, texts[language], manifest)
        yield from _check_used(name, texts[language], manifest, root)
    yield from _check_parity(texts)


def _check_language(
    name: str, language: str, texts: dict[str, str], manifest: dict[str, Any]
) -> Iterator[str]:
    for path in text_paths(manifest):
        if not texts.get(path):
            yield f"{name}: {path}, which the manifest names, is missing or empty"
    rules = WORDING | (LATIN_WORDING if language in LATIN_LANGUAGES else {})
    for path, text in texts.items():
        for pattern, what in rules.items():
            if re.search(pattern, text):
                yield f"{name}: {path} {what}"
    if BRAND.search(texts.get("widget.name", "")):
        yield f"{name}: widget.name must not carry the brand of amoCRM"
    if not CONTACT.search(texts.get("widget.description", "")):
        yield f"{name}: widget.description names no address or phone of the people who help"


def _check_used(name: str, texts: dict[str, str], manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """A text is used when a script or a template reads its key, or takes one of its group by a variable."""
    files = sorted(path for path in root.rglob("*") if path.suffix in (".js", ".twig"))
    sources = "\n".join(path.read_text(errors="replace") for path in files)
    named = {*text_paths(manifest), *OF_AMOCRM}
    for path in texts:
        *_, group, key = f".{path}".split(".")
        is_read = re.search(rf"\.{re.escape(key)}\b|\.{re.escape(group)}\[", sources)
        if path not in named and not is_read:
            yield f"{name}: {path} is used by nothing"


def _check_parity(texts: dict[str, dict[str, str]]) -> Iterator[str]:
    everything = set().union(*texts.values()) if texts else set()
    for language, own in texts.items():
        for path in sorted(everything - set(own)):
            yield f"widget/i18n/{language}.json: {path} is missing, another language has it"


def _flat(node: Any, path: str = "") -> dict[str, str]:
    if not isinstance(node, dict):
        return {path: node if isinstance(node, str) else ""}
    pairs = ((f"{path}.{key}" if path else key, child) for key, child in node.items())
    return {name: text for prefix, child in pairs for name, text in _flat(child, prefix).items()}
