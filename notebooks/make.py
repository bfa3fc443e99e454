"""Writes the notebooks of this folder: cells as text, so that a change reads well in a diff. `python make.py`, then run them."""

import json
from pathlib import Path

HERE = Path(__file__).parent


def write(name: str, *cells: tuple[str, str]) -> None:
    def cell(at: int, kind: str, text: str) -> dict:
        lines = text.strip("\n").splitlines(keepends=True)
        code = {"execution_count": None, "outputs": []} if kind == "code" else {}
        return {"cell_type": kind, "id": f"{name[:2]}-{at:02}", "metadata": {}, "source": lines, **code}

    notebook = {
        "cells": [cell(at, kind, text) for at, (kind, text) in enumerate(cells)],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (HERE / f"{name}.ipynb").write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


write(
    "01_first_study",
    ("markdown", """
# A first study

Orders and receipts of a simulated broker, whose group B waits 100 µs longer than group A. The study does not know that; we do.
"""),
    ("code", """
import tempfile

import colofair

folder = tempfile.mkdtemp()
truth = colofair.simulate("delay", folder, orders=20_000, days=5, seed=3, delay="100us")
truth["planted"]
"""),
    ("code", """
result = colofair.study(f"{folder}/study.toml", f"{folder}/out")
result
"""),
    ("markdown", "Every pair of groups is judged in both directions. Positive effects mean that the second group is worse off."),
    ("code", """
effects = result.effects().to_pandas()
effects[["favoured", "disadvantaged", "verdict", "measure", "estimate", "lower", "upper", "margin"]]
"""),
    ("code", """
gap = effects.query("favoured == 'A' and measure == 'median_gap'").iloc[0]
assert gap.verdict == "unfair" and gap.lower < 100_000 < gap.upper, "the planted 100 µs lie in the interval"
"""),
    ("markdown", "The rows add up: every order read is matched, refused, a copy, ambiguous, or without a receipt."),
    ("code", """
r, orders = result.data["reconciliation"], result.data["input"]["orders"]
assert r["matched"] + r["missing_receipt"] + r["ambiguous"] + r["duplicate_order"] == orders["accepted"]
r
"""),
    ("code", "result.chart(\"groups\")"),
    ("markdown", "Everything that was not matched, with file and row:"),
    ("code", "result.table(\"exceptions\").to_pandas().head()"),
)

write(
    "02_reading_a_verdict",
    ("markdown", """
# Reading a verdict: why ordinary tests mislead

A fair house: both groups pass the same gateway and nobody is delayed. But group A sends at the open, when the line is full. An ordinary
rank test on all orders sees a difference and calls it significant. It is right about the difference and wrong about what it means.
"""),
    ("code", """
import tempfile

import colofair

folder = tempfile.mkdtemp()
colofair.simulate("fair-open", folder, orders=40_000, days=6, seed=8)
result = colofair.study(f"{folder}/study.toml", f"{folder}/out")
pair = next(pair for pair in result.pairs if pair["favoured"] == "A")
"""),
    ("code", """
raw = pair["comparison"]
print(f"Mann-Whitney p = {raw['mann_whitney_p']:.1e}, Kolmogorov-Smirnov distance = {raw['ks_statistic']:.3f}")
assert raw["mann_whitney_p"] < 1e-6, "the ordinary test accuses"
"""),
    ("markdown", "Like for like, at the same time of day, instrument, kind and load, there is nothing beyond the margin:"),
    ("code", """
gap = pair["median_gap"]
print({key: round(gap[key] / 1000, 2) for key in ("estimate", "lower", "upper", "margin")}, "µs;", pair["verdict"])
assert pair["verdict"] != "unfair" and abs(gap["estimate"]) < gap["margin"]
"""),
    ("markdown", """
*Inconclusive* is not *fair*. The reasons say what is missing, and the power what this study could have seen at all.
"""),
    ("code", """
for reason in pair["reasons"]:
    print("-", reason["en"])
pair["power"]
"""),
    ("code", "result.chart(\"when\")"),
)

write(
    "05_months_of_data",
    ("markdown", """
# Months of data: day by day, one verdict

Each trading day is turned into some bytes wherever its files are. Any number of days, in any order, give the verdict of one run over all.
"""),
    ("code", """
import tempfile

import pyarrow.compute as pc
import pyarrow.parquet as pq

import colofair

folder = tempfile.mkdtemp()
colofair.simulate("delay", folder, orders=24_000, days=8, seed=21, delay="60us", format="parquet")
config = f"{folder}/study.toml"
orders, receipts = (pq.read_table(f"{folder}/{side}.parquet") for side in ("orders", "receipts"))
"""),
    ("code", """
def day_of(table, column):
    return pc.cast(pc.floor_temporal(table[column], unit="day"), "date32")

dates = sorted(pc.unique(day_of(receipts, "received_ts")).to_pylist())
days = [
    colofair.summarize(
        config,
        orders=orders.filter(pc.equal(day_of(orders, "sent_ts"), date)),
        receipts=receipts.filter(pc.equal(day_of(receipts, "received_ts"), date)),
    )
    for date in dates
]
{str(date): f"{len(day) / 1024:.0f} KiB" for date, day in zip(dates, days)}
"""),
    ("code", """
pairs = colofair.verdict(config, days)
whole = colofair.study(config, orders=orders, receipts=receipts)
assert pairs == [{key: value for key, value in pair.items() if key != "comparison"} for pair in whole.pairs]
[(pair["favoured"], pair["disadvantaged"], pair["verdict"]) for pair in pairs]
"""),
    ("markdown", "When did it start, and at what time of day? Raw medians, to look at; the verdict compares like with like."),
    ("code", "whole.chart(\"when\", 0)"),
    ("code", "whole.chart(\"when\", 1)"),
)
