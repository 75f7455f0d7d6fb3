"""What amoCRM's moderation demands of a widget's scripts, templates and styles."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.widget_manifest import MANIFEST

PREFIX = "ywx-"
LONGEST_LINE = 200  # a longer one looks minified; descriptions in JSON may be long
ADDRESS = "js/address.js"  # the one place that names our server
DOCUMENTED = (
    "constant", "data", "getBaseEntity", "getWidgetsArea", "isCard", "lang_id", "notifications", "sdk",
)  # fmt: skip
MODULES = ("jquery", "underscore", "moment", "lib/components/base/modal")  # of amoCRM's, by name

FORBIDDEN_IN_SCRIPTS = {
    r"\b(alert|confirm|prompt)\s*\(": "a browser dialog",
    r"\beval\s*\(|new\s+Function\b": "eval",
    r"\bset(?:Timeout|Interval)\s*\(\s*['\"`]": "code in a string",
    r"\bsetInterval\s*\(": "a timer that never ends",
    r"\bconsole\.(?!debug\b|trace\b)": "console output other than debug and trace",
    r"\bdebugger\b": "a breakpoint",
    r"\basync\s*:\s*false": "a synchronous request",
    r"<script|createElement\(\s*['\"]script|\.getScript\(|\bimport\s*\(": "a script from elsewhere",
    r"\bdocument\.(?:write|head)\b": "something put into the head",
    r"['\"]head['\"]\s*\)(?!\.append\(\$\('<link>')": "something in the head beside the style sheet",
    r"\b(APP|AMOCRM)(\.\w+|\[[^\]]+\])*\s*=(?!=)": "a write into amoCRM's own objects",
    r"\bAMOCRM\b": "the old name of APP",
    rf"\bAPP\.(?!(?:{'|'.join(DOCUMENTED)})\b)": "a part of APP that is not documented",
    r"\b(window|globalThis|self)\.\w+\s*=(?!=)": "a global variable",
    r"postMessage\([^)]*,\s*['\"]\*['\"]": "a message to any window",
    r"\.innerHTML\b|\.outerHTML\b|\binsertAdjacentHTML\b": "HTML built in a script",
    r"\bXMLHttpRequest\b|\bfetch\s*\(|\$\.(ajax|get|post|getJSON)\s*\(": "a request that is not authorized",
    r"switcher__o(n|ff)": "amoCRM's own switcher classes",
    r"^\s*//.*[;{]\s*$|/\*[^*]*[;{]": "code in a comment",
    r"\.js-widget-(install|uninstall)\b": "amoCRM's own install buttons",
    r"\.trigger\(\s*['\"]click|\.click\(\s*\)": "a click that nobody made",
    r"\batob\s*\(|\\x[0-9a-f]{2}\\x|\b_0x[0-9a-f]+": "obfuscated code",
}
FORBIDDEN_IN_TEMPLATES = {
    r"<script": "a script",
    r"\sstyle\s*=": "an inline style",
    r"\son\w+\s*=": "an inline handler",
    r"<(?:link|iframe|object|embed|img)\b": "an element that loads something",
    r"<!--|\{#": "a comment that every visitor loads",
    rf"\b(?:class|id)\s*=\s*[\"'](?!{PREFIX})": f"a class or id without {PREFIX}",
    r"(?:href|src)\s*=\s*[\"']http": "an address of somebody else",
}
FORBIDDEN_IN_STYLES = {
    r"!important": "!important",
    r"@import|url\(\s*['\"]?(?:https?:)?//": "something from elsewhere",
    r"switcher__o(n|ff)": "amoCRM's own switcher classes",
}
FIXED = re.compile(r"position\s*:\s*fixed")
CALL_CARDS = ".ywx-calls"  # the one thing that stands above the page: the place of call cards
LOOP = re.compile(
    r"\b(?:for|while)\s*\(|\bdo\s*\{|\.(?:forEach|map|each|filter|reduce|some|every|flatMap)\s*\("
)
CALL_OF_SERVER = re.compile(r"\$authorizedAjax\b|\bcrm_post\b|\bbackend\.\w+\s*\(")
# A location that the manifest names and what in the scripts makes use of it.
USES = {
    "settings": r"\bsettings\s*:",
    "advanced_settings": r"\badvancedSettings\s*:",
    "digital_pipeline": r"\bdpSettings\s*:",
    "lcard": r"\bleads_card\b",
    "ccard": r"\bcontacts_card\b",
    "comcard": r"\bcompanies_card\b",
    "cucard": r"\bcustomers_card\b",
    "llist": r"\bleads\s*:",
    "clist": r"\bcontacts\s*:|\badd_action\(",
    "everywhere": r"\badd_action\(",
}


def check_code(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """Scripts, templates and styles below `root`, the folder `widget/`."""
    for path in sorted(root.rglob("*")):
        name = f"widget/{path.relative_to(root).as_posix()}"
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if path.suffix == ".js":
            yield from _check_script(name, text)
            yield from _check_modules(name, text, path)
        elif path.suffix == ".twig":
            yield from _forbidden(name, text, FORBIDDEN_IN_TEMPLATES)
        elif path.suffix == ".css":
            yield from _forbidden(name, text, FORBIDDEN_IN_STYLES)
            yield from _check_selectors(name, text)
    yield from _check_locations(manifest, root)


def _check_script(name: str, text: str) -> Iterator[str]:
    yield from _forbidden(name, text, FORBIDDEN_IN_SCRIPTS)
    if not re.match(r"(//[^\n]*\n)*define\(", text):
        yield f"{name}: is not an AMD module, it must begin with define("
    if "'use strict';" not in text:
        yield f"{name}: lacks 'use strict'"
    if any(len(line) > LONGEST_LINE for line in text.splitlines()):
        yield f"{name}: has lines over {LONGEST_LINE} characters, as if minified"
    if not name.endswith(ADDRESS) and (found := re.search(r"https?://\w", text)):
        yield f"{name}:{_line(text, found.start())}: an address of a server belongs into {ADDRESS}"
    yield from _check_loops(name, text)


def _check_loops(name: str, text: str) -> Iterator[str]:
    """No request may stand inside a loop: each of them counts for the whole account."""
    for loop in LOOP.finditer(text):
        if call := CALL_OF_SERVER.search(text, loop.start(), _end_of_loop(text, loop)):
            yield f"{name}:{_line(text, call.start())}: a request in a loop is not allowed"


def _end_of_loop(text: str, loop: re.Match[str]) -> int:
    """Of `for (…) {…}` the end of its body, of `.map(…)` the bracket that closes it."""
    end = _closing(text, loop.end() - 1)
    if loop[0].startswith((".", "do")):
        return end
    body = re.compile(r"\s*\{").match(text, end)
    if body:
        return _closing(text, body.end() - 1)
    found = text.find(";", end)
    return found if found >= 0 else len(text)


def _closing(text: str, opening: int) -> int:
    """Just behind the bracket that closes the one at `opening`; the end of the text when none does."""
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] in "({[") - (text[place] in ")}]")
        if depth == 0:
            return place + 1
    return len(text)


def _check_modules(name: str, text: str, path: Path) -> Iterator[str]:
    """Everything a module asks for is amoCRM's or is in the archive."""
    head = re.search(r"define\(\[([^\]]*)\]", text)
    for need in re.findall(r"['\"]([^'\"]+)['\"]", head[1] if head else ""):
        is_there = (path.parent / need).is_file() if need.startswith(".") else need in MODULES
        if not is_there:
            yield f"{name}: asks for {need}, which is neither amoCRM's nor in the archive"


def _forbidden(name: str, text: str, rules: dict[str, str]) -> Iterator[str]:
    for pattern, what in rules.items():
        if found := re.search(pattern, text, re.MULTILINE):
            yield f"{name}:{_line(text, found.start())}: {what} is not allowed"


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _check_selectors(name: str, text: str) -> Iterator[str]:
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)", bare):
        if FIXED.search(rules) and selectors.strip() != CALL_CARDS:
            yield f"{name}: something that covers amoCRM's controls is not allowed"
    for group in re.findall(r"([^{}]+)\{", bare):
        for selector in group.split(","):
            if not selector.strip().startswith(("@", f".{PREFIX}")):
                yield f"{name}: selector {selector.strip()!r} is not under a class {PREFIX}…"


def _check_locations(manifest: dict[str, Any], root: Path) -> Iterator[str]:
    """Only locations that are used, and none used without being asked for."""
    scripts = "\n".join(path.read_text(errors="replace") for path in sorted(root.rglob("*.js")))
    named = {re.sub(r"-[01]$", "", str(location)) for location in manifest.get("locations") or []}
    for location, sign in USES.items():
        is_used = re.search(sign, scripts) is not None
        if location in named and not is_used:
            yield f"{MANIFEST}: location {location!r} is not used by any script"
        if location not in named and is_used:
            yield f"{MANIFEST}: a script uses the location {location!r}, which is not named"
