"""What a lead that becomes a booking's needs beside its content: a contact, a responsible, the first note."""

from __future__ import annotations

from backend.core.crm import LOST, Lead
from backend.core.phones import normalized
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules, FieldName, Route
from backend.core.rules.options import ResponsibleBy
from backend.core.salon import Booking, Client
from backend.core.sync import matching, wording
from backend.core.sync.commands import AddNote, Decision, FieldValue, NewContact, Remembered, UpdateLead


def whose(booking: Booking, route: Route, rules: BookingRules) -> int:
    """The first of those who should be responsible that still works there (rows I11, J9)."""
    branch, by = rules.configuration.branch(booking.branch_id), rules.configuration.options.responsible_by
    wanted: list[int | None] = []
    if branch and by is ResponsibleBy.MASTER and booking.staff.id in branch.staff:
        wanted.append(branch.staff[booking.staff.id].user_id)
    if branch and by is ResponsibleBy.AUTHOR:
        wanted.append(branch.authors.get(booking.author_id))
    wanted += [route.responsible_id, branch.responsible_id if branch else None]
    return next((user for user in wanted if user and rules.works(user)), 0)


def new_contact(booking: Booking, responsible: int) -> NewContact:
    client = booking.client or Client("")
    phone = normalized(client.phone)
    tags = () if phone else (wording.NO_PHONE_TAG,)
    return NewContact(
        matching.person_keys(booking),
        wording.client_name(booking),
        phone or "",
        client.email,
        tags,
        responsible,
    )


def card(
    booking: Booking, lead_id: int | None, rules: BookingRules, *, is_attached: bool = False, after: str = ""
) -> AddNote:
    """The note that an administrator wants to read first when the lead opens."""
    text = wording.booking_note(booking, rules, is_attached)
    return AddNote(booking.key, lead_id, f"{after}\n{text}" if after else text, noted(booking))


def noted(booking: Booking) -> Remembered:
    return ("noted_start", booking.starts_at.isoformat()), ("noted_comment", booking.comment)


def nothing(booking: Booking, reason: Reason) -> Decision:
    return Decision(booking.key, reason)


def keyless(rules: BookingRules) -> tuple[FieldValue, ...]:
    """A lead that the booking gives up carries its key no longer: no two leads may have one."""
    field_id = rules.field_ids.get(FieldName.KEY)
    return (FieldValue(field_id, None),) if field_id else ()


def closed(key: str, lead: Lead, rules: BookingRules, *, frees_key: bool = True) -> UpdateLead:
    """A lead that nobody needs, closed technically: with a reason of its own, so that reports can leave it
    out.
    """
    return UpdateLead(
        key, lead.id, stage_id=LOST, pipeline_id=lead.pipeline_id,
        loss_reason_id=rules.configuration.options.technical_loss_reason,
        fields=keyless(rules) if frees_key else (),
    )  # fmt: skip


def before(lead: Lead) -> Remembered:
    """What a lead was before it became ours, to be given back if it is released (row B6)."""
    return (
        ("before_stage", str(lead.stage_id)),
        ("before_pipeline", str(lead.pipeline_id)),
        ("before_price", str(lead.price)),
    )
