"""What people said of the differences: approved, rejected, or a remark. Nothing is ever overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.core.takeover.gate import Said, Word
from backend.core.takeover.shadow import Diff
from backend.store import db
from backend.store.db import BaseModel, UtcField


class VerdictRow(BaseModel):
    """`company_id` 0: for all salons. `version` of the configuration was in force when it was said."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    diff = peewee.TextField()
    rule = peewee.TextField()
    word = peewee.TextField()
    comment = peewee.TextField()
    author = peewee.TextField()
    version = peewee.BigIntegerField()
    said_at = UtcField()

    class Meta:
        table_name = "takeover_verdicts"


@dataclass(frozen=True, slots=True)
class About:
    """One class and rule, in one salon or (0) in all."""

    company_id: int
    diff: Diff
    rule: str


def say(  # noqa: PLR0913 - the columns of a row
    account_id: int, about: About, word: Word, comment: str, *, author: str, version: int, now: datetime
) -> None:
    VerdictRow.insert(
        account_id=account_id, company_id=about.company_id, diff=about.diff.value, rule=about.rule,
        word=word.value, comment=comment, author=author, version=version, said_at=now,
    ).execute()  # fmt: skip


def all_of(account_id: int) -> list[VerdictRow]:
    """Every word that was said, the newest first."""
    where = VerdictRow.account_id == account_id
    return list(VerdictRow.select().where(where).order_by(VerdictRow.id.desc()))


def words(account_id: int, company_id: int | None = None) -> list[Said]:
    """The newest word about each rule, of this salon and of all; remarks decide nothing."""
    sql = """SELECT v.company_id, v.diff, v.rule, v.word, v.version, (SELECT min(c.created_at)
            FROM config_versions c WHERE c.account_id = v.account_id AND c.number > v.version)
        FROM takeover_verdicts v WHERE v.account_id = %s AND v.id IN (
            SELECT max(n.id) FROM takeover_verdicts n
            WHERE n.account_id = %s AND n.word <> 'comment' GROUP BY n.company_id, n.diff, n.rule)"""
    found = [
        Said(Diff(diff), rule, Word(word), version, company, db.moment(changed) if changed else None)
        for company, diff, rule, word, version, changed in db.rows(sql, (account_id, account_id))
    ]
    return [said for said in found if company_id is None or said.company_id in (0, company_id)]
