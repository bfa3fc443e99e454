"""workpapers.xlsx as openpyxl reads it, and as LibreOffice reads and writes it again: the figures of result.json, and no formula.

    python3 office.py OUT [soffice]

OUT is the output folder of `colofair study --lang en`. With the path of soffice the workbook also goes through LibreOffice.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import openpyxl

out = pathlib.Path(sys.argv[1])
result = json.loads((out / "result.json").read_text(encoding="utf-8"))


def rows(book, name):
    sheet = book[name]
    lines = list(sheet.iter_rows(values_only=True))
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def close(one, other):
    return one == other or (isinstance(one, (int, float)) and isinstance(other, (int, float)) and abs(one - other) <= 1e-12 * abs(other))


def check(path, own):
    """Compares; `own` where the file is as colofair wrote it, so that its set-up is looked at too. Returns how many cells were compared."""
    book = openpyxl.load_workbook(path)
    compared = 0

    def same(sheet, columns, expected):
        nonlocal compared
        found = rows(book, sheet)
        assert len(found) == len(expected), (sheet, len(found), len(expected))
        for row, want in zip(found, expected):
            for title, value in columns.items():
                assert close(row[title], value(want)), (sheet, title, row[title], value(want))
                compared += 1

    same("Groups", {
        "Group": lambda g: g["group"], "n": lambda g: g["n"], "Clients": lambda g: g["clients"],
        "Min (ns)": lambda g: g["min"], "p50 (ns)": lambda g: g["p50"], "Mean (ns)": lambda g: g["mean"], "p90 (ns)": lambda g: g["p90"],
        "p99 (ns)": lambda g: g["p99"], "p99.9 (ns)": lambda g: g["p999"], "Max (ns)": lambda g: g["max"],
        "p50 (\u00b5s)": lambda g: g["p50"] / 1e3,
    }, result["groups"])
    order = {"unfair": 0, "inconclusive": 2, "fair": 3, "reversed": 4}
    pairs = sorted(result["pairs"], key=lambda p: (1 if p["client_specific"] and p["verdict"] != "unfair" else order[p["verdict"]], p["favoured"], p["disadvantaged"]))
    effect = lambda name, key: lambda p: (p[name] or {}).get(key)
    columns = {"First": lambda p: p["favoured"], "n first": lambda p: p["n_favoured"], "KS distance": lambda p: p["comparison"]["ks_statistic"]}
    for title, name, unit in [("Median gap", "median_gap", " (ns)"), ("Tail excess", "tail_excess", ""), ("Overtaking", "overtaking", "")]:
        for part, key, has_unit in [("estimate", "estimate", 1), ("standard error", "se", 1), ("df", "df", 0), ("lower", "lower", 1), ("upper", "upper", 1), ("p fair", "p_fair", 0)]:
            columns[f"{title} {part}{unit if has_unit else ''}"] = effect(name, key)
    same("Pairs", columns, pairs)
    same("Findings", {"Finding": lambda f: f["code"], "Count": lambda f: f["count"], "Share": lambda f: f["share"], "What is wrong": lambda f: f["summary"]["en"]}, result["findings"])
    files = [file for side in ("orders", "receipts") for file in result["input"][side]["files"]]
    same("Inputs", {"File": lambda f: f["path"], "Rows": lambda f: f["rows"], "SHA-256": lambda f: f["sha256"]}, files)

    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f", (sheet.title, cell.coordinate, cell.value)
        if own and sheet.title != "Summary":
            assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref, sheet.title
            assert sheet.print_title_rows == "$1:$1" and sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9, sheet.title
            assert all(cell.font.name == "Microsoft JhengHei" for cell in sheet[1]), sheet.title
    return compared


workbook = out / "workpapers.xlsx"
print("openpyxl", openpyxl.__version__, check(workbook, own=True), "cells equal result.json")
if len(sys.argv) > 2 and sys.argv[2]:
    with tempfile.TemporaryDirectory() as scratch:  # a profile of its own, gone afterwards
        profile = pathlib.Path(scratch, "profile").as_uri()
        subprocess.run(
            [sys.argv[2], f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", scratch, str(workbook)],
            check=True, timeout=300, stdout=subprocess.DEVNULL,
        )
        print("LibreOffice", check(pathlib.Path(scratch, "workpapers.xlsx"), own=False), "cells equal result.json after it saved the file again")
else:
    print("LibreOffice: not tested, no soffice was named")
