"""Who looks at the account and in which language: chosen at the top of every page, kept in cookies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import request

from sandbox.amocrm.models import Account, User

LANGS = ("ru", "en")
USER, LANG, ACCOUNT = "sandbox_user", "sandbox_lang", "sandbox_account"
TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Viewer:
    user: User
    lang: str

    def t(self, key: str) -> str:
        return texts(self.lang)[key]

    def texts(self) -> dict[str, str]:
        return texts(self.lang)


def viewer(account: Account) -> Viewer:
    """An administrator who reads Russian, unless somebody else was chosen."""
    asked = request.cookies.get(USER, "")
    user = account.users.get(int(asked)) if asked.isdigit() else None
    lang = request.cookies.get(LANG, "")
    if user is None or not user.is_active:
        user = account.users.get(account.admin_id()) or next(iter(account.users.values()))
    return Viewer(user, lang if lang in LANGS else LANGS[0])


@lru_cache
def texts(lang: str) -> dict[str, str]:
    found: dict[str, Any] = json.loads((TEXTS / f"{lang}.json").read_text("utf-8"))
    return found
