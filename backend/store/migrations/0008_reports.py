"""What the reports count: days, money by direction and the person of each booking, beside its mirror."""

from __future__ import annotations

SCRIPT = """
CREATE TABLE booking_figures (
    account_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    branch_id BIGINT NOT NULL,
    phase TEXT NOT NULL,
    day BIGINT NOT NULL,
    made_day BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    price BIGINT,
    budget BIGINT,
    shares TEXT,
    direction TEXT,
    person TEXT NOT NULL,
    staff_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX booking_figures_day ON booking_figures (account_id, day, branch_id);
CREATE INDEX booking_figures_person ON booking_figures (account_id, person, day);
INSERT INTO booking_figures
SELECT b.account_id, b.key, b.branch_id, b.phase, {day}, {day}, b.starts_at, b.starts_at + 3600000000,
    b.changed_at, {price}, {price}, NULL, l.direction,
    CASE WHEN l.contact_id IS NULL THEN '' ELSE 'contact:' || l.contact_id END, 0, 0
FROM bookings b LEFT JOIN links l ON l.account_id = b.account_id AND l.key = b.key AND l.role = 'main'
"""

# In every Russian zone the working hours of a salon fall on one day of this clock; the next change of a
# booking brings the day of the salon's own.
DAY = "719163 + (b.starts_at + 14400000000) / 86400000000"


def statements(key: str) -> list[str]:
    """One statement each; `key` tells the engines apart. What was seen before is filled from its snapshot."""
    is_sqlite = "AUTOINCREMENT" in key
    price = "json_extract(b.snapshot, '$.price')" if is_sqlite else "CAST(b.snapshot AS json)->>'price'"
    script = SCRIPT.replace("{day}", DAY).replace("{price}", f"CAST({price} AS BIGINT)")
    return [statement.strip() for statement in script.split(";") if statement.strip()]
