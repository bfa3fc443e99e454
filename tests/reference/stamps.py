"""Writes the reference values that the unit tests of src/timestamps compare with: signs of small series, computed from their definitions.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python tests/reference/stamps.py

Inputs are seeded and stored. Real numbers are stored as strings, the shortest decimal that reads back to the same double.
"""

import json
import pathlib

import numpy
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent
VERSIONS = {"numpy": numpy.__version__, "scipy": scipy.__version__}


def case(random, n, spread, loads):
    received = numpy.cumsum(random.integers(0, 40, size=n))
    latency = random.integers(-3, spread, size=n)
    load = random.integers(0, loads, size=n)
    order = numpy.lexsort((latency, received))
    received, latency, load = received[order], latency[order], load[order]
    by_sent = numpy.lexsort((latency, received + latency))
    log = numpy.log(numpy.maximum(latency[by_sent], 1).astype(float))
    log -= log.mean()
    digits = numpy.bincount(received % 10, minlength=10)
    table = numpy.vstack([digits, numpy.full(10, digits.sum() / 10)])
    return {
        "received": received.tolist(),
        "latency": latency.tolist(),
        "load": load.tolist(),
        "spearman": repr(float(stats.spearmanr(load, latency).statistic)),
        "memory": repr(float((log[1:] * log[:-1]).sum() / (log * log).sum())),
        "variation": repr(float(latency.std() / latency.mean())),
        # The digits of every stamp against even ones: V = sqrt(chi2 / (n (10 - 1))).
        "cramers_v": repr(float(numpy.sqrt(stats.chisquare(table[0], table[1]).statistic / (digits.sum() * 9)))),
    }


def main():
    random = numpy.random.default_rng(20260105)
    cases = [case(random, n, spread, loads) for n, spread, loads in [(12, 9, 3), (40, 6, 2), (60, 400, 6), (90, 30, 5), (200, 100_000, 6)]]
    document = {"versions": VERSIONS, "cases": cases}
    (HERE / "stamps.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")


main()
