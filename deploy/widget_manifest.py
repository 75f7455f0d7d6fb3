"""What amoCRM demands of a widget's manifest."""

import re
from collections.abc import Callable, Iterator
from typing import Any

LANGUAGES = ("ru", "en", "es", "pt")
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
KEYS = {"widget", "locations", "tour", "settings", *PARTS.values()}
WIDGET_KEYS: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str),
    "description": lambda value: isinstance(value, str),
    "short_description": lambda value: isinstance(value, str),
    "version": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d+\.\d+\.\d+", value)),
    "interface_version": lambda value: value == 2,
    "init_once": lambda value: isinstance(value, bool),
    "installation": lambda value: isinstance(value, bool),
    "locale": lambda value: isinstance(value, list) and bool(value) and len(set(value)) == len(value),
    "support": lambda value: isinstance(value, dict) and _is_support(value),
}
MANIFEST = "manifest.json"


def check_manifest(manifest: dict[str, Any]) -> Iterator[str]:
    """The manifest by itself, without the files it speaks of."""
    widget = manifest.get("widget")
    if not isinstance(widget, dict):
        yield f"{MANIFEST}: widget is missing"
        return
    yield from _check_keys(manifest)
    yield from _check_widget(widget)
    yield from _check_locations(manifest)
    yield from _check_settings(manifest)
    yield from _check_parts(manifest)
    yield from _check_tour(manifest)


def _check_keys(manifest: dict[str, Any]) -> Iterator[str]:
    for key in sorted(set(manifest) - KEYS):
        yield f"{MANIFEST}: {key!r} is not a part amoCRM knows"


def _check_widget(widget: dict[str, Any]) -> Iterator[str]:
    for key, is_right in WIDGET_KEYS.items():
        if key not in widget or not is_right(widget[key]):
            yield f"{MANIFEST}: widget.{key} is missing or malformed"
    for key in ("code", "secret_key"):
        if key in widget:
            yield f"{MANIFEST}: widget.{key} is given by amoCRM at upload, it does not belong here"
    for language in languages({"widget": widget}):
        if language not in LANGUAGES:
            yield f"{MANIFEST}: widget.locale names {language!r}, known are {', '.join(LANGUAGES)}"
    if widget.get("is_showcase") and widget.get("installation"):
        yield f"{MANIFEST}: widget.is_showcase needs installation false"


def _is_support(support: dict[str, Any]) -> bool:
    link, email = support.get("link"), support.get("email")
    return bool(link or email) and (link is None or str(link).startswith("https://"))


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
    yield from _check_fields("settings", settings)
    if sum(setting.get("type") == "custom" for setting in settings.values()) > 1:
        yield f"{MANIFEST}: settings has more than one field of type custom"


def _check_fields(place: str, fields: dict[str, Any]) -> Iterator[str]:
    for code, field in fields.items():
        if field.get("type") not in SETTING_TYPES:
            yield f"{MANIFEST}: {place}.{code}.type is not one of {', '.join(SETTING_TYPES)}"
        if not isinstance(field.get("required"), bool) or not isinstance(field.get("name"), str):
            yield f"{MANIFEST}: {place}.{code} needs name (a path in i18n) and required (true or false)"


def _check_parts(manifest: dict[str, Any]) -> Iterator[str]:
    """The parts that belong to a location."""
    if "advanced" in manifest and not isinstance(manifest["advanced"].get("title"), str):
        yield f"{MANIFEST}: advanced.title is missing"
    if "dp" not in manifest:
        return
    step = manifest["dp"]
    yield from _check_fields("dp.settings", step.get("settings", {}))
    if not isinstance(step.get("title"), str):
        yield f"{MANIFEST}: dp.title is missing"
    if not isinstance(step.get("action_multiple"), bool):
        yield f"{MANIFEST}: dp.action_multiple must be true or false"
    if not str(step.get("webhook_url")).startswith("https://"):
        yield f"{MANIFEST}: dp.webhook_url must be an https address"


def _check_tour(manifest: dict[str, Any]) -> Iterator[str]:
    tour = manifest.get("tour", {})
    if tour.get("is_tour") is not True or not isinstance(tour.get("tour_description"), str):
        yield f"{MANIFEST}: tour needs is_tour true and tour_description"
    images = tour.get("tour_images", {})
    if sorted(images) != sorted(languages(manifest)) or not all(images.values()):
        yield f"{MANIFEST}: tour.tour_images must have pictures for exactly the languages of widget.locale"


def text_paths(manifest: dict[str, Any]) -> Iterator[str]:
    """Every text that the manifest names by its path in i18n."""
    for key in ("name", "description", "short_description"):
        yield str(manifest["widget"].get(key))
    yield str(manifest.get("tour", {}).get("tour_description"))
    for part in ("dp", "advanced"):
        if part in manifest:
            yield str(manifest[part].get("title"))
    for settings in (manifest.get("settings", {}), manifest.get("dp", {}).get("settings", {})):
        for setting in settings.values():
            yield str(setting.get("name"))


def languages(manifest: dict[str, Any]) -> list[str]:
    locale = manifest["widget"].get("locale")
    return [str(language) for language in locale] if isinstance(locale, list) else []
