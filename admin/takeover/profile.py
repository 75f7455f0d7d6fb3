"""What another integration leaves behind and does, as it was measured; a person corrects it, confirms it, and
accepts our configuration out of it part by part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import changes, guard, pages, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from admin.takeover import profile_marks
from admin.takeover import profile_shown as shown
from backend import texts
from backend.core.rules.configuration import Configuration
from backend.core.takeover import draft, fields, values, writer
from backend.core.takeover.draft import Line, Part, Sources
from backend.core.takeover.profile import Profile
from backend.core.takeover.recognition import Recognition
from backend.flows.rules import configuration
from backend.flows.takeover.profile import drafting, profiling, recognition
from backend.flows.widget import spoken
from backend.store import connections, offered, takeover_found, takeover_profiles, takeover_pulls
from backend.store.accounts import Account

HOME = "/accounts/<domain>/takeover/profile"


def add_routes(bp: Blueprint) -> None:
    bp.get(HOME, endpoint="takeover_profile")(show)
    bp.post(HOME, endpoint="measure_profile")(measure)
    bp.post(f"{HOME}/recognition", endpoint="correct_recognition")(correct)
    bp.post(f"{HOME}/measured", endpoint="take_back_recognition")(take_back)
    bp.post(f"{HOME}/draft/<part>", endpoint="accept_draft")(accept)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def measure(domain: str) -> AnyResponse:
    """Anew, as long work; one at a time."""
    account = guard.account(domain)
    work = profiling.newest(account.id)
    if not takeover_found.count(account.id):
        pages.say("takeover_profile.nothing_read", "warn")
    elif work is None or not work.is_open:
        work_id = profiling.start(guard.context(), account.id, guard.person().login)
        guard.audit("work.started", profiling.KIND, account, after={"work": work_id})
    return _back(account)


def correct(domain: str) -> AnyResponse:
    """What a person says of each place, and who writes: it holds until it is taken back."""
    account = guard.account(domain)
    found, before = profiling.measured(account.id), recognition.load(account.id)
    places = profile_marks.said(found, before, recognition.measured(account.id), request.form)
    known = {one.user_id for one in writer.writers(found.traces)} | before.writer_ids
    after = recognition.correct(
        guard.context(), account.id, places, guard.person().login,
        writer_ids=known & set(Form(request.form).numbers("writer")),
    )  # fmt: skip
    _noted(account, before, after)
    pages.say("takeover_profile.confirmed")
    return _back(account, "marks")


def take_back(domain: str) -> AnyResponse:
    account = guard.account(domain)
    before = recognition.load(account.id)
    after = recognition.take_back(guard.context(), account.id, guard.person().login)
    _noted(account, before, after)
    pages.say("takeover_profile.taken_back", "")
    return _back(account, "marks")


def _noted(account: Account, before: Recognition, after: Recognition) -> None:
    names = Names(account.id)
    guard.audit(
        "takeover.recognised", "", account,
        before=profile_marks.told(before, names), after=profile_marks.told(after, names),
    )  # fmt: skip


def accept(domain: str, part: str) -> AnyResponse:
    """The ticked lines of one part become one version."""
    account, form = guard.account(domain), Form(request.form)
    if part not in list(Part):
        abort(404)
    given, ticked = drafting.sources(account.id), set(request.form.getlist("take"))
    told = draft.lines(given).get(Part(part), ()) if given else ()
    chosen = [one for one in told if draft.name(one) in ticked and draft.is_offered(one)]
    if not chosen:
        form.complain(part, "takeover_profile.nothing_ticked")

    def change(before: Configuration) -> Configuration:
        return draft.accepted(given, Part(part), chosen, before) if given else before

    if form.ok and saving.save(form, account, draft.SECTIONS[Part(part)], change, {}):
        return _back(account, "draft")
    return _page(account, form, 422, part)


def _back(account: Account, place: str = "") -> AnyResponse:
    address = url_for("admin.takeover_profile", domain=account.domain, _anchor=place or None)
    return redirect(address, 303)


# The page


def _page(account: Account, form: Form, status: int = 200, part: str = "") -> Response:
    row, work = takeover_profiles.of(account.id), profiling.newest(account.id)
    found, known = profiling.measured(account.id), recognition.load(account.id)
    is_measured, names = row is not None and row.measured_at is not None, Names(account.id)
    given = drafting.sources(account.id)
    return page(
        "takeover/profile.html", "profile", status,
        account=account, form=form, failed_part=part, work=work, row=row, is_measured=is_measured,
        found=found, known=known, names=names, has_records=bool(takeover_found.count(account.id)),
        lines=profile_marks.lines(found, known), nothing=profile_marks.NOTHING, least=fields.LEAST,
        tags=profile_marks.tags(known, recognition.measured(account.id)),
        example=partial(_example, account, names),
        held={one.name for one in known.places}, people=_people(found, known),
        around=_around(account.id, known),
        writer_names=_writers(known, names), drawn=_drawn(account, found, names),
        parts=_parts(account, given, part, request.form.getlist("take")) if given else (),
        document=drafting.text(given) if given else "",
        salons=_salons(account.id), categories=_categories(account.id),
        base=form.shown("base", configuration.number(account.id)),
    )  # fmt: skip


def _example(account: Account, names: Names, field_id: int, value: str) -> str:
    """A value as people see it in the card: dates are kept in seconds."""
    written = values.moments(value) if names.is_date(field_id) else None
    if written is None or not written.is_exact:
        return value
    return written.clock.astimezone(spoken.zone(account.timezone)).strftime("%d.%m.%Y %H:%M")


def _people(found: Profile, known: Recognition) -> list[writer.Writer]:
    return [replace(one, is_writer=one.user_id in known.writer_ids) for one in writer.writers(found.traces)]


def _writers(known: Recognition, names: Names) -> str:
    robot = texts.t("takeover_profile.writer.robot", pages.language())
    return ", ".join(names.user(user) if user else robot for user in sorted(known.writer_ids))


def _around(account_id: int, known: Recognition) -> dict[str, Any]:
    """What discovery saw beside the leads: who else is told of news, widgets, how busy each user is."""
    facts, _ = takeover_pulls.surroundings(account_id)
    hooks = [(str(one["url"]), int(one.get("author") or 0)) for one in facts.get("webhooks") or ()]
    salons = {
        int(number): [str(url) for url in one.get("hooks") or ()]
        for number, one in (facts.get("salons") or {}).items()
    }
    told = writer.listeners(hooks, salons, guard.context().settings.public_url)
    events: Counter[int] = Counter()
    for row in facts.get("events") or ():
        events[int(row["author"])] += int(row["count"])
    return {
        "listeners": [one for one in told if not one.is_ours],
        "likely": writer.likely(told, known.writer_ids),
        "widgets": [one for one in facts.get("widgets") or () if one.get("is_active")],
        "events": events,
    }


def _drawn(account: Account, found: Profile, names: Names) -> dict[str, Any]:
    """Pictures, ready for the template."""
    habits, salons, categories = found.behaviour, _salons(account.id), _categories(account.id)
    rest = texts.t("takeover_profile.rest", pages.language())

    def salon(number: int, *_: object) -> str:
        return salons.get(number, f"№ {number}")

    def category(number: int, category_id: int) -> str:
        return f"{categories.get((number, category_id), f'№ {category_id}')}, {salon(number)}"

    def place(number: int, pipeline: int) -> str:
        return f"{salon(number)}, {names.pipeline(pipeline)}"

    return {
        "heats": shown.heats(habits, names),
        "salons": shown.strips(habits.salons, salon, names.pipeline, rest),
        "categories": shown.strips(habits.learned.categories, category, names.pipeline, rest),
        "people": shown.strips(habits.learned.people, place, names.user, rest),
        "lags": shown.lags(habits),
        "amounts": shown.amounts(habits),
        "shared": shown.shared(habits),
        "tags": shown.tag_rows(habits),
    }


def _parts(account: Account, given: Sources, failed: str, ticked: list[str]) -> list[dict[str, Any]]:
    """Each part of the draft with what it would change."""
    found = []
    for part, told in draft.lines(given).items():
        offered_: list[Line] = [one for one in told if draft.is_offered(one)]
        names = {draft.name(one) for one in offered_}
        found.append(
            {
                "part": str(part),
                "lines": [(draft.name(one), one) for one in told],
                "offered": names,
                "ticked": set(ticked) if part == failed else names,
                "changes": changes.told(account.id, drafting.differences(given, part, offered_)),
            }
        )
    return found


def _salons(account_id: int) -> dict[int, str]:
    return {row.company_id: row.title for row in connections.of_account(account_id)}


def _categories(account_id: int) -> dict[tuple[int, int], str]:
    return {(salon, number): title for salon, number, title, _ in offered.categories(account_id)}
