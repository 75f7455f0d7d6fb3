"""A report as a file: CSV as Russian Excel opens it, or XLSX. No cell of ours is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from backend.core.money import Kopecks

if TYPE_CHECKING:
    import xlsxwriter

BOM = "\ufeff"  # without it Excel reads Cyrillic as Latin
LONGEST_TITLE = 31  # of a sheet, says Excel
WIDEST = 40
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a cell begins that a spreadsheet would run
PHONE = re.compile(r"\+[0-9]{5,20}", re.ASCII)  # computed, it is itself without the plus
FORBIDDEN = str.maketrans("[]:*?/\\", "       ")


class Kind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


TYPES = {
    Kind.CSV: "text/csv; charset=utf-8",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Money:
    """A sum that must stay a number in the file."""

    kopecks: Kopecks

    @property
    def rubles(self) -> Decimal:
        return Decimal(self.kopecks) / 100


Cell = str | int | Money | date | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def write(kind: Kind, sheets: Sequence[Sheet]) -> bytes:
    """CSV holds the first sheet alone."""
    return _csv(sheets[0]) if kind is Kind.CSV else _xlsx(sheets)


def harmless(text: str) -> str:
    """An apostrophe before a formula: Excel, LibreOffice and Google compute nothing then. A telephone number
    stays one that can be copied and looked up.
    """
    plain = text.replace("\0", "")
    return f"'{plain}" if plain.startswith(FORMULA) and not PHONE.fullmatch(plain) else plain


def _csv(sheet: Sheet) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(head) for head in sheet.heads])
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return (BOM + stream.getvalue()).encode()


def _plain(cell: Cell) -> str:
    """Numbers as a Russian keyboard writes them: a comma before the kopecks."""
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case Money():
            return f"{cell.rubles:.2f}".replace(".", ",")
        case datetime():
            return f"{cell:%d.%m.%Y %H:%M}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case _:
            return str(cell)


def _xlsx(sheets: Sequence[Sheet]) -> bytes:
    import xlsxwriter  # large, and few people download a workbook

    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "money": book.add_format({"num_format": "# ##0.00"}),
            "moment": book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
            "day": book.add_format({"num_format": "dd.mm.yyyy"}),
        }
        for sheet in sheets:
            _write(book.add_worksheet(_sheet_name(sheet.title)), sheet, formats)
    return stream.getvalue()


def _write(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, formats: dict[str, object]) -> None:
    page.freeze_panes(1, 0)
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, harmless(head), formats["head"])
        page.set_column(column, column, _width(sheet, column))
    for number, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            _put(page, number, column, cell, formats)
    page.autofilter(0, 0, max(1, len(sheet.rows)), max(0, len(sheet.heads) - 1))


def _put(
    page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, formats: dict[str, object]
) -> None:
    match cell:
        case None:
            return
        case str():
            page.write_string(row, column, harmless(cell))
        case Money():
            page.write_number(row, column, float(cell.rubles), formats["money"])
        case datetime():
            page.write_datetime(row, column, cell, formats["moment"])
        case date():
            page.write_datetime(row, column, cell, formats["day"])
        case _:
            page.write_number(row, column, cell)


def _width(sheet: Sheet, column: int) -> int:
    """As wide as the longest of the first rows; nobody measures a whole month for it."""
    shown = [sheet.heads[column], *(_plain(row[column]) for row in sheet.rows[:200])]
    return min(WIDEST, max(map(len, shown)) + 3)


def _sheet_name(title: str) -> str:
    return title.translate(FORBIDDEN)[:LONGEST_TITLE].strip() or "1"
