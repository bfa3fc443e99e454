"""Writes the reference values that the unit tests of src/statistics compare with.

    python3 -m venv venv && venv/bin/pip install numpy scipy statsmodels
    venv/bin/python tests/reference/generate.py

Each file holds the versions of the packages that computed it. Inputs are seeded and stored, so a test never draws
them again. Real numbers are stored as strings: the shortest decimal that reads back to the same double, which leaves
the exact comparisons of the tests independent of a JSON parser's rounding. A value that the oracle cannot compute is "nan".
"""

import json
import pathlib

import numpy
import scipy
import statsmodels
from scipy import special, stats
from statsmodels.stats.diagnostic import breaks_cusumolsresid
from statsmodels.stats.multitest import multipletests

HERE = pathlib.Path(__file__).parent
VERSIONS = {"numpy": numpy.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__}


def text(value):
    """Reals to strings, numpy integers to integers, through any nesting."""
    if isinstance(value, dict):
        return {key: text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, numpy.ndarray)):
        return [text(item) for item in value]
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, numpy.integer)):
        return int(value)
    return repr(float(value))


def write(name, cases):
    document = {"versions": VERSIONS, "cases": text(cases)}
    (HERE / f"{name}.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")


def student_t():
    tail = []
    for df in [0.05, 0.5, 1, 1.5, 2, 3.3, 7, 30, 1e3, 1e6]:
        for t in [-60, -7.3, -1, -0.1, 0, 1e-3, 0.05, 0.3, 0.67, 1, 1.5, 2, 3, 4.5, 6, 9, 13, 20, 30, 37, 60]:
            tail.append({"df": float(df), "t": float(t), "sf": stats.t.sf(t, df)})
    # Far tails, where the answer is near the smallest doubles.
    for df, t in [(30, 1e10), (7, 1e42), (2, 1e150), (0.5, 1e150), (200, 700.0), (1e6, 37.3)]:
        tail.append({"df": float(df), "t": float(t), "sf": stats.t.sf(t, df)})
    quantile = []
    for df in [0.5, 1.5, 2, 3.3, 7, 30, 1e3, 1e6]:
        for p in [0.999, 0.6, 0.45, 0.3, 0.25, 0.1, 0.05, 0.025, 0.05 / 18, 1e-4]:
            quantile.append({"df": float(df), "upper_p": p, "t": stats.t.isf(p, df)})
    write("student_t", {"tail": tail, "quantile": quantile})


def normal():
    tail = [{"z": float(z), "sf": stats.norm.sf(z)} for z in [-38, -8, -3, -1, -0.1, 0, 1e-9, 0.1, 0.5, 1, 1.96, 3, 5, 8, 13, 20, 30, 37, 37.5]]
    quantile = [{"upper_p": p, "z": stats.norm.isf(p)} for p in [0.999, 0.75, 0.6, 0.4999, 0.3, 0.25, 0.2, 0.1, 0.025, 1e-4, 1e-10, 1e-100, 1e-300]]
    write("normal", {"tail": tail, "quantile": quantile})


def kolmogorov():
    points = [0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.81999, 0.82, 0.83, 0.9, 1.0, 1.2, 1.358, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 18.0]
    write("kolmogorov", [{"x": x, "sf": special.kolmogorov(x)} for x in points])


def multiplicity(random):
    families = [[0.04], [0.01, 0.01, 0.01], [0.0, 1.0, 0.5], [0.03, 0.02, 0.9, 1e-300, 0.02]]
    families += [list(random.uniform(size=n) ** 3) for n in (2, 7, 18, 90)]
    families.append(list(numpy.round(random.uniform(size=60) ** 2, 2)))
    write(
        "multiplicity",
        [{"p": p, "holm": multipletests(p, method="holm")[1], "bh": stats.false_discovery_control(p, method="bh")} for p in families],
    )


def quantiles(random):
    cases = []
    for n, span in [(1, 5), (2, 5), (10, 4), (37, 1000), (100, 20), (200, 10**9)]:
        values = numpy.sort(random.integers(-span, span, n))
        # Weights, once: the draws stay, so that what is drawn after them does.
        random.integers(0, 9, n)
        random.uniform(0.0, 2.0, n)
        levels = []
        for per_mille in [0, 1, 100, 250, 500, 900, 990, 999, 1000]:
            share = per_mille / 1000
            numerator = per_mille * n
            levels.append({
                "per_mille": per_mille,
                # numpy multiplies in floating point, so the exact rank is asked for where the product is an integer.
                "nearest_rank": values[max(-(-numerator // 1000), 1) - 1] if numerator % 1000 == 0 else numpy.quantile(values, share, method="inverted_cdf"),
            })
        cases.append({"values": values, "levels": levels})
    write("quantile", cases)


def two_samples(random):
    """(name, left, right): latencies in ns with every degree of tying."""
    lognormal = lambda n, scale, unit: (random.lognormal(10.7, scale, n) // unit * unit).astype(numpy.int64)
    extreme = 2**62
    return [
        ("one each", [3], [5]),
        ("one each, tied", [3], [3]),
        ("one against three", [2], [1, 2, 9]),
        ("two each", [1, 2], [2, 3]),
        ("all tied", [7] * 5, [7] * 9),
        ("left of one value", [7] * 6, [5, 7, 7, 9]),
        ("disjoint", range(20), range(100, 130)),
        ("disjoint, right below", range(100, 130), range(20)),
        ("ends of the integer range", [-extreme, -1, 0, extreme], [-extreme, 0, 1, extreme, extreme]),
        ("negative and zero", random.integers(-6, 5, 40), random.integers(-4, 7, 33)),
        ("nearly all tied", [1] * 200 + [2], [1] * 150 + [0, 3]),
        ("nanoseconds", lognormal(300, 0.8, 1), lognormal(200, 0.9, 1)),
        ("microseconds", lognormal(400, 0.5, 1000), lognormal(350, 0.5, 1000) + 3000),
        ("milliseconds", lognormal(500, 1.5, 1000000), lognormal(700, 1.5, 1000000)),
        ("far apart", lognormal(500, 0.3, 1000), lognormal(500, 0.3, 1000) + 60000),
        ("p near the smallest double", range(890), range(890, 1780)),
        ("p near 1e-250", range(600), range(598, 1198)),
        ("unequal sizes", lognormal(900, 0.6, 100), lognormal(12, 0.6, 100)),
    ]


def rank_tests(random):
    cases = []
    for name, left, right in two_samples(random):
        left, right = numpy.sort(numpy.asarray(left, numpy.int64)), numpy.sort(numpy.asarray(right, numpy.int64))
        n, m = len(left), len(right)
        whitney = stats.mannwhitneyu(right, left, method="asymptotic")
        distance = stats.ks_2samp(left, right, method="asymp").statistic
        case = {"name": name, "left": left, "right": right}
        case["u"], case["u_p"] = whitney.statistic, whitney.pvalue
        case["ks"], case["ks_p"] = distance, special.kolmogorov(numpy.sqrt(n * m / (n + m)) * distance)
        cases.append(case)
    write("two_samples", cases)


def cusum(random):
    series = [random.normal(size=n) for n in (2, 3, 20, 130)]
    series.append(numpy.concatenate([random.normal(size=70), random.normal(1.5, 1, 60)]))
    series.append(100 + random.normal(size=50))
    cases = []
    for values in series:
        residuals = values - values.mean()
        statistic, p_value, _ = breaks_cusumolsresid(residuals, ddof=0)
        cases.append({"values": values, "statistic": statistic, "p": p_value, "at": numpy.abs(residuals.cumsum()).argmax()})
    write("cusum", cases)


def main():
    random = numpy.random.default_rng(20260105)
    student_t()
    normal()
    kolmogorov()
    multiplicity(random)
    quantiles(random)
    rank_tests(random)
    cusum(random)


if __name__ == "__main__":
    main()
