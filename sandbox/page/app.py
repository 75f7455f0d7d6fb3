"""Addresses of the page: the whole of it, its live parts, one card, and what the forms do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from sandbox.host.app import pages_of
from sandbox.page import board, journal
from sandbox.yclients.errors import ApiError

if TYPE_CHECKING:
    from sandbox.world import World
    from sandbox.yclients.models import Company

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
MONEY_GAP = "\u202f"


def create_app(world: World) -> Wsgi:
    """Mounted on the amoCRM port at `/` and `/page/…`."""
    app = Flask("sandbox.page", static_url_path="/page/static")
    app.jinja_env.filters["rubles"] = lambda value: f"{value or 0:,} ₽".replace(",", MONEY_GAP)
    app.register_blueprint(pages_of(world))
    page = Page(world)
    app.add_url_rule("/", view_func=page.whole)
    app.add_url_rule("/timetable/<int:company_id>", view_func=page.timetable)
    app.add_url_rule("/page/live", view_func=page.live)
    app.add_url_rule("/page/lead", view_func=page.lead)
    app.add_url_rule("/page/do/<deed>", view_func=page.do, methods=["POST"])
    return app.wsgi_app


FIRST_DAY, LAST_DAY = date(2000, 1, 2), date(2099, 12, 30)  # with a day to go back and one to go on


class Page:
    def __init__(self, world: World) -> None:
        self.world = world

    # Looking

    def whole(self) -> str:
        return render_template("page/page.html", **self._shown(), **self._card())

    def timetable(self, company_id: int) -> AnyResponse:
        """A salon's journal. The day and the record stand behind the `#`, which only the browser sees."""
        return redirect(f"/?salon={company_id}")

    def live(self) -> Response:
        """The parts that change by themselves."""
        shown = self._shown()
        parts = {
            "clock": shown["clock"],
            "journal": render_template("page/journal.html", **shown),
            "board": render_template("page/board.html", **shown),
        }
        return jsonify(parts)

    def lead(self) -> str:
        return render_template("page/lead.html", **self._shown(with_parts=False), **self._card())

    def _shown(self, with_parts: bool = True) -> dict[str, Any]:
        salon, domain = self._salon(), self._domain()
        day = self._day(salon)
        crm, yclients = self.world.amocrm, self.world.yclients
        shown: dict[str, Any] = {
            "salons": list(yclients.store.companies.values()),
            "salon": salon,
            "day": day,
            "domains": sorted(crm.accounts),
            "domain": domain,
            "clock": _clock(self.world.clock.now(), salon),
            "here": {"salon": salon.id if salon else "", "day": day or "", "domain": domain or ""},
            "problem": request.args.get("problem", ""),
        }
        if with_parts:
            shown["journal"] = journal.of_day(yclients, salon, day) if salon and day else None
            shown["pipelines"] = board.of_account(crm, domain) if domain else []
        return shown

    def _card(self) -> dict[str, Any]:
        lead_id, domain = request.args.get("lead", ""), self._domain()
        found = (
            board.lead_in_full(self.world.amocrm, domain, int(lead_id))
            if lead_id.isdigit() and domain
            else None
        )
        return {"lead": found, "lead_id": lead_id}

    def _salon(self) -> Company | None:
        companies = self.world.yclients.store.companies
        asked = request.values.get("salon", "")
        known = companies.get(int(asked)) if asked.isdigit() else None
        return known or next(iter(companies.values()), None)

    def _advance(self, seconds: float) -> None:
        """What was done before the jump is told before it, as it would be while the time passes."""
        self.world.yclients.hooks_flush()
        self.world.deliver()
        self.world.clock.advance(seconds)

    def _domain(self) -> str | None:
        accounts = self.world.amocrm.accounts
        asked = request.values.get("domain", "")
        return asked if asked in accounts else next(iter(accounts), None)

    def _day(self, salon: Company | None) -> date | None:
        if salon is None:
            return None
        try:
            day = date.fromisoformat(request.values.get("day", ""))
        except ValueError:
            return journal.today(self.world.yclients, salon)
        return day if FIRST_DAY <= day <= LAST_DAY else journal.today(self.world.yclients, salon)

    # Doing

    def do(self, deed: str) -> AnyResponse:
        """A form was sent; afterwards the page is shown again, with what went wrong if anything did."""
        deeds: dict[str, Callable[[], object]] = {
            "book": self._book,
            "attend": lambda: self._record_deed("ui_attendance", attendance=int(request.form["attendance"])),
            "move": self._move,
            "pay": lambda: self._record_deed("ui_pay", amount=float(request.form["amount"])),
            "delete": lambda: self._record_deed("ui_delete"),
            "restore": lambda: self._record_deed("ui_restore"),
            "stage": self._move_lead,
            "clock": lambda: self._advance(float(request.form["seconds"])),
        }
        if deed not in deeds:
            raise BadRequest("unknown deed")
        problem = ""
        try:
            deeds[deed]()
        except ApiError as error:
            problem = error.message
        except (ValueError, KeyError):
            problem = "Форма заполнена не так"
        return redirect(_address(problem), 303)

    def _record_deed(self, verb: str, **more: Any) -> None:
        company_id, record_id = int(request.form["salon"]), int(request.form["record"])
        getattr(self.world.yclients, verb)(company_id=company_id, record_id=record_id, **more)

    def _book(self) -> None:
        form = request.form
        name = form.get("name", "").strip()
        client = {"name": name, "phone": form.get("phone", "")} if name else None
        self.world.yclients.ui_create(
            company_id=int(form["salon"]),
            staff_id=int(form["staff"]),
            services=[{"id": int(service_id)} for service_id in form.getlist("service")],
            client=client,
            datetime=f"{form['date']} {form['time']}",
            comment=form.get("comment", ""),
        )

    def _move(self) -> None:
        moment = f"{request.form['date']} {request.form['time']}"
        self._record_deed("ui_move", datetime=moment, staff_id=int(request.form["staff"]))

    def _move_lead(self) -> None:
        """In the name of the lead's responsible, as if a manager dragged the card."""
        crm, domain = self.world.amocrm, request.form["domain"]
        lead_id = int(request.form["lead"])
        lead = next(lead for lead in crm.state(domain)["leads"] if lead["id"] == lead_id)
        stage_id = int(request.form["stage"])
        crm.ui_move(domain=domain, user_id=lead["responsible_user_id"], lead_id=lead_id, stage_id=stage_id)


def _address(problem: str) -> str:
    """Back to what was shown."""
    names = ("salon", "day", "domain", "lead")
    query = {name: request.form[name] for name in names if request.form.get(name)}
    if problem:
        query["problem"] = problem
    return f"/?{urlencode(query)}"


def _clock(now: float, salon: Company | None) -> str:
    return datetime.fromtimestamp(now, salon.zone if salon else UTC).strftime("%d.%m.%Y %H:%M:%S")
