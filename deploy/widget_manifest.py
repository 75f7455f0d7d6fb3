"""What amoCRM demands of a widget's manifest and of its texts; every finding names the file."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LANGUAGES = ("ru", "en", "es", "pt")
LATIN_LANGUAGES = ("en", "es", "pt")
SETTING_TYPES = ("text", "pass", "users", "users_lp", "custom")
CARDS_AND_LISTS = ("lcard", "ccard", "comcard", "cucard", "llist", "clist", "culist", "tlist")
LOCATIONS = {
    *CARDS_AND_LISTS,
    *(f"{area}-{column}" for area in CARDS_AND_LISTS for column in (0, 1)),
    *("tline", "tcalendar", "settings", "advanced_settings", "card_sdk", "catalogs", "digital_pipeline"),
    *("lead_sources", "whatsapp_modal", "salesbot_designer", "website_chat_button", "everywhere", "sms"),
    *("mobile_card", "amoforms", "widget_page"),
}
# A location and the part of the manifest that belongs to it: neither may stand without the other.
PARTS = {
    "digital_pipeline": "dp",
    "advanced_settings": "advanced",
    "salesbot_designer": "salesbot_designer",
    "sms": "sms",
    "mobile_card": "mobile",
    "amoforms": "amoforms_settings",
    "widget_page": "left_menu",
}
WIDGET_KEYS: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str),
    "description": lambda value: isinstance(value, str),
    "short_description": lambda value: isinstance(value, str),
    "version": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d+\.\d+\.\d+", value)),
    "interface_version": lambda value: value == 2,
    "init_once": lambda value: isinstance(value, bool),
    "installation": lambda value: isinstance(value, bool),
    "locale": lambda value: isinstance(value, list) and bool(value) and len(set(value)) == len(value),
    "support": lambda value: isinstance(value, dict) and bool(value.get("link") or value.get("email")),
}
MANIFEST = "manifest.json"


def check_manifest(manifest: dict[str, Any]) -> Iterator[str]:
    """The manifest by itself, without the files it speaks of."""
    widget = manifest.get("widget")
    if not isinstance(widget, dict):
        yield f"{MANIFEST}: widget is missing"
        return
    yield from _check_widget(widget)
    yield from _check_locations(manifest)
    yield from _check_settings(manifest)
    yield from _check_tour(manifest)


def _check_widget(widget: dict[str, Any]) -> Iterator[str]:
    for key, is_right in WIDGET_KEYS.items():
        if key not in widget or not is_right(widget[key]):
            yield f"{MANIFEST}: widget.{key} is missing or malformed"
    for key in ("code", "secret_key"):
        if key in widget:
            yield f"{MANIFEST}: widget.{key} is given by amoCRM at upload, it does not belong here"
    for language in _languages({"widget": widget}):
        if language not in LANGUAGES:
            yield f"{MANIFEST}: widget.locale names {language!r}, known are {', '.join(LANGUAGES)}"
    if widget.get("is_showcase") and widget.get("installation"):
        yield f"{MANIFEST}: widget.is_showcase needs installation false"


def _check_locations(manifest: dict[str, Any]) -> Iterator[str]:
    locations = manifest.get("locations")
    if not isinstance(locations, list) or not locations:
        yield f"{MANIFEST}: locations is missing or empty"
        return
    for location in sorted(set(locations)):
        if location not in LOCATIONS:
            yield f"{MANIFEST}: location {location!r} is unknown"
    areas = [re.sub(r"-[01]$", "", location) for location in locations]
    for area in sorted({area for area in areas if areas.count(area) > 1}):
        yield f"{MANIFEST}: location {area!r} is named more than once"
    for location, part in PARTS.items():
        if (location in locations) != (part in manifest):
            yield f"{MANIFEST}: location {location!r} and the part {part!r} go together"
    if "card_sdk" in locations and not {"lcard", "ccard", "comcard"} & set(areas):
        yield f"{MANIFEST}: location 'card_sdk' needs lcard, ccard or comcard"


def _check_settings(manifest: dict[str, Any]) -> Iterator[str]:
    settings = manifest.get("settings", {})
    widget = manifest["widget"]
    if widget.get("installation") and not settings:
        yield f"{MANIFEST}: settings is required with installation true"
    if settings and "settings" not in manifest.get("locations", []):
        yield f"{MANIFEST}: settings needs the location 'settings'"
    for code, setting in settings.items():
        if setting.get("type") not in SETTING_TYPES:
            yield f"{MANIFEST}: settings.{code}.type is not one of {', '.join(SETTING_TYPES)}"
        if not isinstance(setting.get("required"), bool) or not isinstance(setting.get("name"), str):
            yield f"{MANIFEST}: settings.{code} needs name (a path in i18n) and required (true or false)"
    if sum(setting.get("type") == "custom" for setting in settings.values()) > 1:
        yield f"{MANIFEST}: settings has more than one field of type custom"


def _check_tour(manifest: dict[str, Any]) -> Iterator[str]:
    tour = manifest.get("tour", {})
    if tour.get("is_tour") is not True or not isinstance(tour.get("tour_description"), str):
        yield f"{MANIFEST}: tour needs is_tour true and tour_description"
    images = tour.get("tour_images", {})
    if sorted(images) != sorted(_languages(manifest)) or not all(images.values()):
        yield f"{MANIFEST}: tour.tour_images must have pictures for exactly the languages of widget.locale"


def check_texts(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """One file per language, all of one structure, with every text the manifest names."""
    languages = _languages(manifest)
    texts: dict[str, dict[str, str]] = {}
    for path in sorted((root / "i18n").glob("*")):
        if path.suffix != ".json" or path.stem not in languages:
            yield f"widget/i18n/{path.name}: not a language of widget.locale"
    for language in languages:
        name = f"widget/i18n/{language}.json"
        try:
            texts[language] = _flat(json.loads((root / "i18n" / f"{language}.json").read_bytes()))
        except (OSError, ValueError) as error:
            yield f"{name}: cannot be read ({error.__class__.__name__})"
            continue
        yield from _check_language(name, language, texts[language], manifest)
    yield from _check_parity(texts)


def _check_language(
    name: str, language: str, texts: dict[str, str], manifest: dict[str, Any]
) -> Iterator[str]:
    for path in _text_paths(manifest):
        if not texts.get(path):
            yield f"{name}: {path}, which the manifest names, is missing or empty"
    for path, text in texts.items():
        if re.search(r"(?i:amocrm)(?<!amoCRM)", text):
            yield f"{name}: {path} spells amoCRM in another way"
        if language in LATIN_LANGUAGES and re.search(r"[а-яёА-ЯЁ]", text):
            yield f"{name}: {path} is not in the language of the file"
        if language in LATIN_LANGUAGES and re.search(r"\.ru\b", text):
            yield f"{name}: {path} has a .ru link"
    if re.search(r"amo", texts.get("widget.name", ""), re.IGNORECASE):
        yield f"{name}: widget.name must not carry the brand of amoCRM"


def _check_parity(texts: dict[str, dict[str, str]]) -> Iterator[str]:
    everything = set().union(*texts.values()) if texts else set()
    for language, own in texts.items():
        for path in sorted(everything - set(own)):
            yield f"widget/i18n/{language}.json: {path} is missing, another language has it"


def _text_paths(manifest: dict[str, Any]) -> Iterator[str]:
    for key in ("name", "description", "short_description"):
        yield str(manifest["widget"].get(key))
    yield str(manifest.get("tour", {}).get("tour_description"))
    for setting in manifest.get("settings", {}).values():
        yield str(setting.get("name"))


def _languages(manifest: dict[str, Any]) -> list[str]:
    locale = manifest["widget"].get("locale")
    return [str(language) for language in locale] if isinstance(locale, list) else []


def _flat(node: Any, path: str = "") -> dict[str, str]:
    if not isinstance(node, dict):
        return {path: node if isinstance(node, str) else ""}
    pairs = ((f"{path}.{key}" if path else key, child) for key, child in node.items())
    return {name: text for prefix, child in pairs for name, text in _flat(child, prefix).items()}
