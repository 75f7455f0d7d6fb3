"""Why a booking ended where it did. Each has a sentence in texts/ under `reason.<value>`."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    CREATED = "created"
    ATTACHED = "attached"
    ATTACHED_AMBIGUOUS = "attached_ambiguous"
    CONTINUED = "continued"
    UPDATED = "updated"
    MOVED = "moved"
    REOPENED = "reopened"
    UP_TO_DATE = "up_to_date"
    STAGE_KEPT = "stage_kept"
    STAGE_LOCKED = "stage_locked"
    LEAD_CLOSED = "lead_closed"
    LEAD_LOST = "lead_lost"
    HISTORY = "history"
    STALE = "stale"
    CANCELLED_EARLY = "cancelled_early"
    TOO_OLD = "too_old"
    NO_CLIENT = "no_client"
    NO_SERVICES = "no_services"
    EXCLUDED_STAFF = "excluded_staff"
    NO_DIRECTION = "no_direction"
    NO_ROUTE = "no_route"
    BRANCH_UNMAPPED = "branch_unmapped"
    NOT_NEEDED = "not_needed"
    CATALOGUE_READ = "catalogue_read"
    RULES_APPLIED = "rules_applied"
    MIRRORED = "mirrored"
    COPY_CLEARED = "copy_cleared"
    DOUBLE_CLOSED = "double_closed"
