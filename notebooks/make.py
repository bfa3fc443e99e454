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
    "03_who_waited",
    ("markdown", """
# Who waited? From a verdict to single orders

A verdict names groups. The next questions are always the same: *which* clients, *which* orders, and what happened to them? This notebook
goes down that stair, from groups to clients to rows of a file. The broker is simulated: its own house trades ahead of clients' orders, and
one order in a hundred has no receipt on record.
"""),
    ("code", """
import tempfile

import pandas as pd
import pyarrow.parquet as pq

import colofair

folder = tempfile.mkdtemp()
truth = colofair.simulate("front-run+fair-workers+missing", folder, orders=12_000, days=4, seed=33, format="parquet")
result = colofair.study(f"{folder}/study.toml", f"{folder}/out", full_tables=True)
result
"""),
    ("markdown", """
## Every row has a fate

`reconciled` is every order and every receipt, each in exactly one class. Counting it again must give the waterfall of the report; if it
did not, nothing below would be worth reading.
"""),
    ("code", """
rows = result.table("reconciled").to_pandas()
classes = rows["class"].value_counts()
for name in ("matched", "missing_receipt", "ambiguous", "duplicate_order", "orphan_receipt", "duplicate_receipt"):
    assert classes.get(name, 0) == result.data["reconciliation"][name], name
classes.to_frame("rows")
"""),
    ("markdown", """
## Clients: a ranking to look at, and one to argue with

The left columns are plain waiting times in µs. They mix busy minutes with quiet ones, so a client who trades at the open looks badly
treated whoever serves it. `slower` compares like with like: the chance that an order of this client waits longer than a comparable order
of the other client group; one half is parity. It is a lead, not a finding: dozens of clients are looked at, so some stand out by chance.
"""),
    ("code", """
matched = rows[rows["class"] == "matched"].assign(wait=lambda row: row["latency"] / 1000)
plain = matched.groupby(["group", "client"])["wait"].quantile([0.5, 0.99]).unstack().rename(columns={0.5: "p50 µs", 0.99: "p99 µs"})
league = pd.DataFrame(result.data["beside"]["clients"]).query("group != 'house' and against != 'house'").set_index(["group", "client"])
clients = league[["against", "n", "slower"]].join(plain).sort_values("slower", ascending=False)
assert clients.index.is_unique
clients.head(8).round(3)
"""),
    ("markdown", """
## The longest waits, by file and row

An exception list that names no row cannot be checked. `order_file` and `order_row` (counted from zero) lead back into the evidence.
"""),
    ("code", """
longest = matched.nlargest(5, "wait")[["order_file", "order_row", "receipt_row", "client", "symbol", "received_at", "wait"]]
longest
"""),
    ("code", """
raw = {side: pq.read_table(f"{folder}/{side}.parquet").to_pandas() for side in ("orders", "receipts")}
for row in longest.itertuples():
    sent = raw["orders"].loc[int(row.order_row), "sent_ts"]
    received = raw["receipts"].loc[int(row.receipt_row), "received_ts"]
    assert (sent - received).value == round(row.wait * 1000), "the files say what the table says"
"""),
    ("markdown", """
Rows without a partner are the other kind of exception. An order that nobody is on record as having asked for is the first thing an
inspector asks about.
"""),
    ("code", """
exceptions = result.table("exceptions").to_pandas()
without = exceptions[exceptions["class"] == "missing_receipt"]
assert len(without) == truth["reconciliation"]["missing_receipt"], "all that were planted, and no others"
pd.crosstab(without["group"], without["channel"].replace({"2": "algorithm", "A": "algorithm"}))
"""),
    ("markdown", """
## One case, step by step

Long waits are not yet unfair: everybody may have waited. Being *passed* is about two orders: one came first, the other left first. The
report draws the worst cases as ladders; here is the top one, in µs from the first receipt, and the same two orders in the raw files.
"""),
    ("code", """
case = result.data["priority"]["worst"][0]
zero = case["orders"][0]["received"]
ladder = pd.DataFrame(
    [
        {"order": f"{rung['file']} row {rung['row']}", "group": rung["group"], "client": rung["client"]}
        | {step: (rung[step] - zero) / 1000 for step in ("received", "decided", "sent", "acknowledged") if rung[step] is not None}
        for rung in case["orders"]
    ]
)
ladder
"""),
    ("code", """
passed, passer = case["orders"]
assert passed["received"] < passer["received"] and passer["sent"] < passed["sent"], "came first, left last"
for rung in (passed, passer):
    assert raw["orders"].loc[rung["row"], "sent_ts"].value == rung["sent"], "and so says the file"
print(f"{case['places']} orders were passed; the one shown came {case['time'] / 1000:.1f} µs earlier")
"""),
    ("code", "result.chart(\"priority\", 1)"),
    ("markdown", """
## What was planted

The simulator wrote down what it did. Trading ahead is judged by rules that were fixed beforehand, and the finding it gives is the planted
one; single ladders only illustrate it.
"""),
    ("code", """
found = {finding["code"]: finding for finding in result.findings}
assert found["P03"]["verdict"] == "confirmed"
print(found["P03"]["summary"]["en"])
truth["planted"]
"""),
)

write(
    "04_calibration_and_power",
    ("markdown", """
# Calibration and power: what could this study have seen?

*No finding* can mean that nothing was there, or that nobody could have seen it. Two numbers tell these apart: how often the method accuses
where nothing is wrong (calibration), and the smallest gap it would have found (power). Both can be tried out, because the simulator plants
gaps of known size.
"""),
    ("code", """
import tempfile

import pandas as pd

import colofair


def pair_of(orders, days, seed, delay=None):
    "The pair (A, B) of one simulated study: B waits `delay` longer."
    folder = tempfile.mkdtemp()
    colofair.simulate("delay" if delay else "fair", folder, orders=orders, days=days, seed=seed, delay=delay, format="parquet")
    pairs = colofair.study(f"{folder}/study.toml", f"{folder}/out").pairs
    return next(pair for pair in pairs if pair["favoured"] == "A")
"""),
    ("markdown", """
## What one study says about itself

A fair house and a small sample. The margin is what its rules of use call material. The minimum detectable gap is the smallest gap that a
study of this size finds in four runs of five. As long as it lies above the margin, a gap may be material and still escape.
"""),
    ("code", """
small = pair_of(6_000, 4, seed=401)
gap, power = small["median_gap"], small["power"]
print(f"verdict {small['verdict']}; estimate {gap['estimate'] / 1000:+.1f} µs, interval {gap['lower'] / 1000:+.1f} to {gap['upper'] / 1000:+.1f} µs")
print(f"margin {gap['margin'] / 1000:.1f} µs; a gap of {power['minimum_detectable_gap'] / 1000:.1f} µs would have been found four times in five")
assert power["minimum_detectable_gap"] > gap["margin"] and small["verdict"] != "unfair"
"""),
    ("markdown", """
The median of this pair is well inside its margin, and still nobody is cleared: *fair* has to be shown for the median, the tail and the
order of handling alike, and rare events need more data than typical ones. The reasons say which of them is open.
"""),
    ("code", """
assert small["verdict"] == "inconclusive" and abs(gap["upper"]) < gap["margin"]
for reason in small["reasons"]:
    print("-", reason["en"])
"""),
    ("markdown", """
## Accused when fair, caught when not

The same house with gaps from nothing to several margins, a few seeds each. Read it as a curve: to the left of the margin the method has to
stay silent, far to the right it has to speak, in between it may say *inconclusive*, and nowhere may it say *fair* of a gap beyond the margin.
"""),
    ("code", """
planted = {"none": None, "5us": "5us", "20us": "20us", "60us": "60us"}
runs = [
    {"planted": name, "verdict": pair["verdict"], "estimate µs": pair["median_gap"]["estimate"] / 1000, "se µs": pair["median_gap"]["se"] / 1000}
    for name, delay in planted.items()
    for seed in (411, 412, 413)
    for pair in [pair_of(9_000, 5, seed, delay)]
]
runs = pd.DataFrame(runs)
pd.crosstab(runs["planted"], runs["verdict"]).reindex(planted)
"""),
    ("code", """
quiet = runs[runs["planted"].isin(["none", "5us"])]
assert "unfair" not in set(quiet["verdict"]), "nobody is accused of nothing, or of less than the margin"
assert set(runs[runs["planted"] == "60us"]["verdict"]) == {"unfair"}, "several margins are always seen"
assert not ((runs["planted"] == "60us") & (runs["verdict"] == "fair")).any()
runs.groupby("planted")[["estimate µs", "se µs"]].mean().reindex(planted).round(1)
"""),
    ("markdown", """
Three seeds are an illustration. The acceptance test of the method is `colofair calibrate`: fifteen worlds with every confounder we could
think of, 200 runs each, with the table in `docs/calibration.md`.

## More days, not more decimals

The error falls with the square root of the amount of data, and what counts is independent half-hour blocks, not rows. Four times the days
should give about half the error:
"""),
    ("code", """
errors = pd.DataFrame(
    [
        {"days": days, "se µs": pair["median_gap"]["se"] / 1000, "detectable µs": pair["power"]["minimum_detectable_gap"] / 1000}
        for days in (4, 16)
        for seed in (421, 422, 423)
        for pair in [pair_of(1_500 * days, days, seed)]
    ]
).groupby("days").mean()
ratio = errors.loc[4, "se µs"] / errors.loc[16, "se µs"]
print(f"error with 4 days / error with 16 days = {ratio:.2f} (square root of 4 is 2)")
assert 1.4 < ratio < 2.9
errors.round(1)
"""),
    ("markdown", """
So before a study is ordered, the question *what could it see?* has an answer: take the error of a pilot, scale it by the square root of
the days, and compare the detectable gap with the margin. Where it stays above the margin, more of the same data will not clear anybody.
"""),
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
days
"""),
    ("code", """
found = colofair.verdict(config, days)
whole = colofair.study(config, orders=orders, receipts=receipts)
assert found.pairs == [{key: value for key, value in pair.items() if key != "comparison"} for pair in whole.pairs]
found
"""),
    ("markdown", """
Days can be united on the way, week by week, machine by machine: unions are days side by side, and the tree they came by leaves no trace.
"""),
    ("code", """
early, late = colofair.merge(days[:3]), colofair.merge(reversed(days[3:]))
assert colofair.merge([late, early]) == colofair.merge(days)
assert colofair.verdict(config, [late, early]).json == found.json
f"{len(early) + len(late):,} bytes for {found.data['orders']:,} orders"
"""),
    ("markdown", "When did it start, and at what time of day? Raw medians, to look at; the verdict compares like with like."),
    ("code", "whole.chart(\"when\", 0)"),
    ("code", "whole.chart(\"when\", 1)"),
)

write(
    "06_cluster",
    ("markdown", """
# A cluster: many brokers, many days

A supervisor holds the records of all brokers. One study is one broker; its days are summarized where their rows are, some 10 bytes an
order, and judged together. On Spark that is one call for each half. Spark reads, shuffles, schedules and repeats; the method is the same
library as everywhere else, so the verdict has the same bytes as on one machine.
"""),
    ("code", """
import importlib.util
import os
import shutil
import sys
import tempfile
from functools import reduce
from pathlib import Path

import colofair

missing = [name for name, there in {"pyspark": importlib.util.find_spec("pyspark"), "Java": shutil.which("java")}.items() if not there]
print(f"without {' and '.join(missing)} the cells on Spark are passed over" if missing else "Spark can run here")
"""),
    ("markdown", "Two brokers with three days each; the first delays its group B. Both hand in their records under the same layout."),
    ("code", """
root = Path(tempfile.mkdtemp())
for name, world, seed in (("Harbour", "delay", 61), ("Summit", "fair", 62)):
    colofair.simulate(world, root / name, orders=9_000, days=3, seed=seed, delay="100us" if world == "delay" else None, format="parquet")
study = (root / "Harbour" / "study.toml").read_text()
brokers = ["Harbour", "Summit"]
"""),
    ("markdown", """
Spark's timestamps end at microseconds, which would cost a latency study its point. Parquet's nanoseconds are read as integers instead.
"""),
    ("code", """
if not missing:
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession, functions as F

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1")
    builder = builder.config("spark.sql.legacy.parquet.nanosAsLong", "true").config("spark.sql.shuffle.partitions", "4")
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")

    def side(name):
        parts = [spark.read.parquet(str(root / broker / f"{name}.parquet")).withColumn("broker", F.lit(broker)) for broker in brokers]
        return reduce(lambda one, other: one.unionByName(other), parts)

    import pyarrow as pa
    import pyarrow.csv

    books = [pa.csv.read_csv(root / broker / "clients.csv") for broker in brokers]
    clients = pa.concat_tables([book.append_column("broker", pa.array([broker] * len(book))) for book, broker in zip(books, brokers)])
"""),
    ("code", """
if not missing:
    import colofair.spark

    days = colofair.spark.summarize(side("orders"), side("receipts"), study, clients=clients).cache()
    days.select("broker", "trade_date", "orders", "orders_rejected", F.length("state").alias("bytes")).orderBy("broker", "trade_date").show()
"""),
    ("code", """
if not missing:
    verdicts = {row.broker: colofair.Verdict(row.document) for row in colofair.spark.verdict(days, study).collect()}
    assert {name: found.verdict for name, found in verdicts.items()} == {"Harbour": "finding", "Summit": verdicts["Summit"].verdict}
    assert verdicts["Summit"].verdict != "finding"
    display(verdicts["Harbour"], verdicts["Summit"])
"""),
    ("markdown", "And on one machine, without Spark: a study of all of a broker's files at once. The pairs are the same to the last digit."),
    ("code", """
if not missing:
    for name in brokers:
        whole = colofair.study(root / name / "study.toml")
        assert verdicts[name].pairs == [{key: value for key, value in pair.items() if key != "comparison"} for pair in whole.pairs]
    spark.stop()
"""),
    ("markdown", """
The states can be kept: a table of some 10 bytes an order, from which any period is judged again without the raw records. How much
hardware a given number of orders takes is in `docs/scale.md`.
"""),
)
