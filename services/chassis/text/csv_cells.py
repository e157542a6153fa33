"""Rows of CSV files that people open in a spreadsheet: no cell of them is taken for a formula."""

import csv
import io
from collections.abc import Iterable

# What begins a formula in Excel, LibreOffice and Google Sheets, also in their full width; a tab or
# a line's end is skipped before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")


def neutralized(cell: object) -> object:
    """Return what is shown as it is: an apostrophe before a text that would be calculated."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell


def csv_rows(rows: Iterable[Iterable[object]]) -> str:
    """Return the rows as RFC 4180 has them, their cells neutralized; None is an empty cell."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerows([neutralized(cell) for cell in row] for row in rows)
    return written.getvalue()
