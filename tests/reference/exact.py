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


def tail(chances, k):
    # The law of the sum by the polynomial of its generating function.
    law = numpy.array([1.0])
    for chance in chances:
        law = numpy.convolve(law, [1 - chance, chance])
    if len(set(chances)) == 1:
        assert abs(law[k:].sum() / stats.binom.sf(k - 1, len(chances), chances[0]) - 1) < 1e-9
    return {"chances": [repr(float(chance)) for chance in chances], "k": [k], "tail": repr(float(law[k:].sum()))}


cases = {
    "fisher": [fisher(table) for table in TABLES],
    "clopper_pearson": [interval(counts) for counts in COUNTS],
    "poisson_binomial": [tail([0.25] * 40, 20), tail([0.1, 0.5, 0.2, 0.9], 3), tail([1 / 3, 1 / 4, 1 / 2] * 20, 45), tail([0.5], 1)],
}
document = {"versions": {"numpy": numpy.__version__, "scipy": scipy.__version__}, "cases": cases}
(HERE / "exact.json").write_text(json.dumps(document, indent=1) + "\n")
