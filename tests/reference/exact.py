"""Writes exact.json: reference values for src/statistics/exact.rs. Run as generate.py (same venv)."""

import json
import pathlib

import numpy
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent

TABLES = [[2, 0, 0, 15], [2, 3, 5, 7], [0, 4, 6, 1], [10, 2, 3, 15], [1, 0, 0, 0], [5, 5, 5, 5], [30, 10, 12, 28], [0, 0, 3, 4]]
COUNTS = [[2, 17], [0, 5], [5, 5], [1, 1000], [357, 364], [15, 17], [50, 100]]


def fisher(table):
    rows = [table[:2], table[2:]]
    greater = stats.fisher_exact(rows, alternative="greater").pvalue
    return {"table": table, "greater": repr(float(greater))}


def interval(counts):
    found = stats.binomtest(*counts).proportion_ci(0.95, method="exact")
    return {"counts": counts, "lower": repr(float(found.low)), "upper": repr(float(found.high))}


cases = {
    "fisher": [fisher(table) for table in TABLES],
    "clopper_pearson": [interval(counts) for counts in COUNTS],
}
document = {"versions": {"numpy": numpy.__version__, "scipy": scipy.__version__}, "cases": cases}
(HERE / "exact.json").write_text(json.dumps(document, indent=1) + "\n")
