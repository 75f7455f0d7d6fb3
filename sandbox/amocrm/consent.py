"""The consent page: which account, allow or refuse; a click leads back to the integration."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.amocrm.control import with_query
from sandbox.amocrm.http import HTML, Reply

if TYPE_CHECKING:
    from sandbox.amocrm.control import AmoCrm

POPUP = "<!doctype html><script>window.opener.location = {url!r}; window.close();</script>"


def consent(crm: AmoCrm, environ: dict[str, Any], path: str) -> Reply:
    asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    app = crm.apps.get(asked.get("client_id", ""))
    if app is None:
        return Reply(404, "<h1>Интеграция не найдена</h1>".encode(), HTML)
    if path == "/oauth/grant":
        return _granted(crm, asked)
    return Reply(200, _page(crm, asked).encode(), f"{HTML}; charset=utf-8")


def _page(crm: AmoCrm, asked: dict[str, str]) -> str:
    rows = []
    for account in crm.accounts.values():
        link = with_query("oauth/grant", {**asked, "domain": account.domain})
        rows.append(
            f'<li><a href="{escape(link)}">{escape(account.name)} ({escape(account.domain)})</a></li>'
        )
    refuse = escape(with_query("oauth/grant", {**asked, "refuse": "1"}))
    return (
        '<!doctype html><html lang="ru"><title>Доступ к аккаунту</title><h1>Предоставить доступ</h1>'
        f'<ul>{"".join(rows)}</ul><p><a href="{refuse}">Отклонить</a></p></html>'
    )


def _granted(crm: AmoCrm, asked: dict[str, str]) -> Reply:
    """`popup` moves the window that opened this one; otherwise this very window goes back."""
    state = asked.get("state")
    if asked.get("refuse"):
        denied = {"error": "access_denied", **({"state": state} if state else {})}
        url = with_query(crm.apps[asked["client_id"]].redirect_uri, denied)
    else:
        url = crm.install(asked["domain"], asked["client_id"], state=state)["url"]
    if asked.get("mode") == "popup":
        return Reply(200, POPUP.format(url=url).encode(), f"{HTML}; charset=utf-8")
    return Reply(302, b"", HTML, [("Location", url)])
