"""The session's cookie: of our own site; or one that lives inside amoCRM's page, if it was begun there."""

from __future__ import annotations

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class _InFrame(SecureCookieSessionInterface):
    """A frame of another site gets no cookie without these; partitioned, it is of use in that site only."""

    def get_cookie_samesite(self, app: Flask) -> str:  # noqa: ARG002
        return "None"

    def get_cookie_partitioned(self, app: Flask) -> bool:  # noqa: ARG002
        return True


class Cookies(SecureCookieSessionInterface):
    """Browsers take `SameSite=None` over https only; without it the frame is of the same site anyway (the
    sandbox).
    """

    in_frame = _InFrame()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if app.config["SESSION_COOKIE_SECURE"] and _frame_of(session):
            self.in_frame.save_session(app, session, response)
        else:
            super().save_session(app, session, response)


def _frame_of(session: SessionMixin) -> str:
    """The site that may show this session's pages. Read past the session, which would note that the answer
    depends on the cookie.
    """
    return str(dict.get(session, "frame") or "") if isinstance(session, dict) else ""
