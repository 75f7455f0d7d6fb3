"""Do the leads show what their bookings are: the stage of each by its attendance, and the money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from backend.core.crm import Lead
from backend.core.money import ZERO, Kopecks
from backend.core.reports import money as agreeing
from backend.core.reports.money import Cause, Held, Known, Pair
from backend.core.rules.configuration import BookingRules, Configuration, Route
from backend.core.salon import Booking, Phase
from backend.core.sync import stages
from backend.core.sync.budgets import budget
from backend.core.sync.links import Link, Role
from backend.core.takeover.counters import ACTIVE, OWN, WAITS, Code, Counter, Odd, Own, Seen, is_due

MONEY = (Phase.WAITING, Phase.CONFIRMED, Phase.ARRIVED)
CARRYING = (*OWN, Role.SATELLITE)
# Differences of money that are as they should be, or that another counter tells of.
FINE = frozenset(
    {
        Cause.ON_THE_WAY, Cause.NO_LEAD, Cause.LEAD_GONE, Cause.ONE_VISIT, Cause.ROUNDING, Cause.BY_RULES,
        Cause.OBSERVED,
    }
)  # fmt: skip

# Stages


def misplaced(found: Iterable[Seen], rules: BookingRules, now: datetime) -> Counter:
    compared = [(one, own.link, lead) for one in found if (own := _driven(one)) and (lead := own.alive)]
    odd = tuple(
        Odd(
            one.booking.key, lead.id, "stage", {"pipeline": lead.pipeline_id, "stage": lead.stage_id} | wanted
        )
        for one, link, lead in compared
        if (wanted := _wanted(one.booking, link, lead, rules.configuration, now))
    )
    return Counter(Code.STAGES, {"n": len(odd), "of": len(compared)}, not odd, odd)


def _driven(seen: Seen) -> Own | None:
    """The lead that the booking drives alone; what is under way or waits stands where it stands."""
    main = seen.main
    waits = seen.is_under_way or seen.told in WAITS
    return None if main is None or main.link.role is not Role.MAIN or waits else main


def _wanted(
    booking: Booking, link: Link, lead: Lead, rules: Configuration, now: datetime
) -> dict[str, object]:
    """Where the lead should stand; nothing when it does, or when that is locked: by the tag, by a person who
    moved it further or to a stage of their own work, by the time after which the closed stays closed.
    """
    route = stages.route_of(link, lead, booking.branch_id, rules)
    target = route.stages.get(booking.phase) if route else None
    if route is None or target is None or target == lead.stage_id:
        return {}
    if rules.options.do_not_move_tag in lead.tags:
        return {}
    if lead.is_closed:
        is_locked = link.stage_id != lead.stage_id or _is_long_ago(link, rules, now)
    else:
        is_locked = link.stage_id != lead.stage_id and _is_by_people(booking, lead, route)
    return {} if is_locked else {"wanted": target}


def _is_long_ago(link: Link, rules: Configuration, now: datetime) -> bool:
    return link.stage_at is None or now - link.stage_at > rules.options.reopen_window


def _is_by_people(booking: Booking, lead: Lead, route: Route) -> bool:
    if lead.stage_id not in stages.known(route):
        return True
    target = route.stages[booking.phase]
    return booking.phase in ACTIVE and stages.rank(lead.stage_id, route) > stages.rank(target, route)


# Money


def pairs(found: Iterable[Seen], rules: BookingRules) -> list[Pair]:
    """The money of the bookings that take or took place beside that of their leads."""
    rows = [
        row for one in found if one.booking.phase in MONEY and is_due(one, rules) for row in _held(one, rules)
    ]
    return agreeing.pairs(rows)


def _held(seen: Seen, rules: BookingRules) -> list[Held]:
    booking = seen.booking
    day = booking.starts_at.toordinal()
    first = (booking.key, booking.branch_id, day, booking.price, budget(booking, rules))
    carrying = [own for own in seen.owns if own.link.role in CARRYING]
    if not carrying:
        return [Held(*first, None, is_main=False, lead_price=ZERO, is_gone=False, is_closed=False)]
    return [
        Held(
            *first, own.link.lead_id, is_main=own.link.role is Role.MAIN,
            lead_price=own.lead.price if own.lead else ZERO, is_gone=own.alive is None,
            is_closed=own.lead.is_closed if own.lead else False,
        )
        for own in carrying
    ]  # fmt: skip


def causes(
    found: Sequence[Pair], seen: Mapping[str, Seen], rules: BookingRules, now: datetime
) -> dict[str, Cause]:
    """Why the money of these differs, as far as it has to be looked at; what is fine is left out."""
    asked = {
        pair.key: (agreeing.cause(pair, Known(written=_written(seen[pair.key]))), seen[pair.key])
        for pair in found
    }
    return {key: why for key, (why, one) in asked.items() if why and not _is_fine(why, one, rules, now)}


def _is_fine(why: Cause, seen: Seen, rules: BookingRules, now: datetime) -> bool:
    options = rules.configuration.options
    if why is Cause.CHANGED_IN_CRM:
        return options.money.keep_typed_budget
    if why is Cause.CLOSED:
        return now - seen.booking.starts_at > options.price_window
    return why in FINE


def _written(seen: Seen) -> Kopecks | None:
    """What we wrote into its leads; None when into one of them we wrote no sum."""
    sums = [own.link.applied.get("price") for own in seen.owns if own.link.role in CARRYING]
    return Kopecks(sum(int(one) for one in sums if one)) if sums and all(sums) else None


def budgets(found: Sequence[Pair], differing: Mapping[str, Cause]) -> Counter:
    odd = tuple(_differs(pair, differing[pair.key]) for pair in found if pair.key in differing)
    whole = sum(bool(pair.lead_ids) for pair in found)
    return Counter(Code.BUDGETS, {"n": len(odd), "of": whole}, not odd, odd)


def yesterday(
    found: Sequence[Pair], differing: Mapping[str, Cause], days: Mapping[str, date], day: date
) -> Counter:
    """Both sums of one day of the salon's calendar; `explained` is what the rules make of the difference."""
    of_day = [pair for pair in found if days[pair.key] == day]
    causes = {pair.key: Cause.NO_LEAD for pair in of_day if pair.difference and not pair.lead_ids}
    causes |= {pair.key: differing[pair.key] for pair in of_day if pair.key in differing}
    odd = tuple(_differs(pair, causes[pair.key]) for pair in of_day if pair.key in causes)
    rest = sum(abs(pair.difference) for pair in of_day if pair.key not in causes)
    sums = {"leads": sum(pair.leads for pair in of_day), "records": sum(pair.record for pair in of_day)}
    return Counter(Code.YESTERDAY, {**sums, "explained": rest}, not odd, odd)


def _differs(pair: Pair, why: Cause) -> Odd:
    details = {"leads": int(pair.leads), "record": int(pair.budget), "cause": str(why)}
    return Odd(pair.key, next(iter(pair.lead_ids), None), "money", details)
