"""The evidence of tests/reference/evidence as workbooks: the program's template, filled with typed cells by openpyxl.

    colofair controls --template DIR --lang en && python workbook.py DIR/evidence.xlsx

Dates become date cells, numbers number cells, yes and no booleans; an account of digits alone becomes a number whose format shows its
leading zeros, as a spreadsheet makes of it. filled.xlsx has a sheet a table; lone.xlsx one sheet of another name, with what
no cell can keep; two.xlsx two of them.
"""

import csv
import datetime
import pathlib
import sys

import openpyxl

HERE = pathlib.Path(__file__).parent / "evidence"


def typed(column, text):
    """Value and number format of a cell."""
    if column == "account" and text.isdigit():
        return int(text), "0" * len(text)
    for form, shown in [("%Y-%m-%d", "yyyy/m/d"), ("%Y-%m-%d %H:%M:%S", "yyyy-mm-dd hh:mm:ss"), ("%Y-%m-%d %H:%M:%S.%f", "yyyy-mm-dd hh:mm:ss.000")]:
        try:
            moment = datetime.datetime.strptime(text, form)
            return (moment.date() if form == "%Y-%m-%d" else moment), shown
        except ValueError:
            pass
    if text in ("yes", "no"):
        return text == "yes", "General"
    try:
        return float(text) if "." in text else int(text), "General"
    except ValueError:
        return text, "@"


def fill(sheet, rows):
    """Values under the header of their name; a column of the broker's own goes behind the template's."""
    sheet.delete_rows(2, sheet.max_row)
    place = {sheet.cell(1, at).value: at for at in range(1, sheet.max_column + 1)}
    for name in rows[0]:
        if name not in place:
            place[name] = len(place) + 1
            sheet.cell(1, place[name], name)
    for at, row in enumerate(rows[1:], 2):
        for name, text in zip(rows[0], row):
            if text:
                value, form = typed(name, text)
                cell = sheet.cell(at, place[name], value)
                cell.number_format = form


def lone(path):
    """What a workbook cannot have kept, a row each; and a first column that stands empty."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "export"
    rows = [
        ["host", "account", "changed_on"],
        ["GW1", "ops1", 46027],  # a date that lost its format
        ["GW1", 1234567890123456789, datetime.date(2026, 1, 5)],
        ["GW1", "=CONCATENATE(\"ops\",\"3\")", datetime.date(2026, 1, 5)],  # never computed
        ["GW1", "ops4", datetime.time(8, 30)],
        ["GW1", "ops5", datetime.date(2026, 1, 5), "beyond"],
        ["GW1", "ops6", "115/01/05"],
        ["GW1", 7, 1150105],
    ]
    for at, row in enumerate(rows, 3):
        for column, value in enumerate(row, 2):
            sheet.cell(at, column, value)
    sheet["D3"].number_format = "General"
    book.save(path)


def two(path):
    """Two sheets that could both be meant."""
    book = openpyxl.Workbook()
    book.active.title = "January"
    for sheet in (book.active, book.create_sheet("February")):
        sheet.append(["system", "scanned_on"])
        sheet.append(["gateway", datetime.date(2025, 1, 6)])
    book.save(path)


def main():
    book = openpyxl.load_workbook(sys.argv[1])
    for path in sorted(HERE.glob("*.csv")):
        with open(path, newline="") as file:
            fill(book[path.stem], list(csv.reader(file)))
    book.save(HERE / "filled.xlsx")
    lone(HERE / "lone.xlsx")
    two(HERE / "two.xlsx")


main()
