"""Reference values of the method, computed by other people's libraries: tests/reference/method.json.

The sample is made from a small integer generator, written again in src/fairness/tests.rs, so that no data need be stored.
Run: python tests/reference/method.py > tests/reference/method.json
"""

import json
import math
import platform
from collections import defaultdict

import numpy
import scipy
import statsmodels
import statsmodels.api as sm
from scipy.stats import mannwhitneyu

SECOND = 1_000_000_000
START = 1_767_603_600 * SECOND  # 2026-01-05T09:00Z
MASK = (1 << 64) - 1
BLOCK = 1_800 * SECOND
WINDOW = 2_000_000
BOOTSTRAPS = 2_000


def splitmix(state):
    z = (state + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def sample(n=12_000):
    """(received, latency, group, client, instrument, kind), four orders at a time a few microseconds apart."""
    rows = []
    for i in range(n):
        u = [splitmix(8 * i + k) for k in range(8)]
        burst = i // 4
        day, step = divmod(burst, 1_000)
        received = START + day * 86_400 * SECOND + step * 23 * SECOND + (i % 4) * 15_000 + u[0] % 1_000
        group = u[1] % 2
        block = (step * 23) // 1_800 + 13 * day
        latency = 20_000 + (u[2] % 4_096) * (u[3] % 4_096) // 256 + (block * 7_919 % 13) * 1_500 + group * 3_000
        rows.append((received, latency, group, group * 5 + u[4] % 5, u[5] % 3, u[6] % 2))
    return sorted(rows)


def load_bin(load):
    return min(load.bit_length(), 14)


def cells_of(rows):
    cells = defaultdict(lambda: ([], []))
    for i, (received, latency, group, _, instrument, kind) in enumerate(rows):
        load, j = 0, i - 1
        while j >= 0 and rows[j][0] > received - SECOND:
            load += rows[j][0] < received < rows[j][0] + rows[j][1]
            j -= 1
        slot = received // BLOCK
        cells[slot, kind, instrument, load_bin(load)][group].append(latency)
    return {key: (sorted(a), sorted(b)) for key, (a, b) in sorted(cells.items())}


def clustered(contrasts, weights, clusters):
    fit = sm.WLS(contrasts, numpy.ones(len(contrasts)), weights=weights)
    fit = fit.fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False})
    n = len(set(clusters))
    return float(fit.params[0]), float(fit.bse[0] * math.sqrt(n / (n - 1)))


def median_gap(cells, times):
    quantile = []
    for side in (0, 1):
        values, weights = [], []
        for (key, pair), repeat in zip(cells.items(), times):
            w = len(pair[1 - side]) / (len(pair[0]) + len(pair[1]))
            if repeat:
                values += pair[side]
                weights += [w * repeat] * len(pair[side])
        quantile.append(numpy.quantile(values, 0.5, weights=weights, method="inverted_cdf"))
    return quantile[1] - quantile[0], quantile


def overtaking(rows):
    """OV by its definition over all pairs of one kind, its error from blocks (deleted one at a time) and from clients.

    A client's part is the derivative of OV by the weight of the pairs it stands in, found by raising and lowering that weight.
    """
    pairs = []
    for j, (received, latency, group, client, _, kind) in enumerate(rows):
        i = j - 1
        while i >= 0 and received - rows[i][0] <= WINDOW:
            gap = received - rows[i][0]
            if gap > 0 and rows[i][5] == kind and rows[i][2] != group:
                passed = received + latency < rows[i][0] + rows[i][1]
                clients = (client, rows[i][3]) if group == 0 else (rows[i][3], client)
                pairs.append((group, gap.bit_length() - 1, passed, received // BLOCK, *clients))
            i -= 1
    later, gap, passed, block, *clients = (numpy.array(column) for column in zip(*pairs))
    cell = 2 * gap + later

    def asymmetry(weights):
        n = numpy.bincount(cell, weights, 64).reshape(-1, 2)
        o = numpy.bincount(cell, weights * passed, 64).reshape(-1, 2)
        both = (n > 0).all(axis=1)
        (ab, ba), (oab, oba) = n[both].T, o[both].T
        h = ab * ba / (ab + ba)
        return float((h * (oab / ab - oba / ba)).sum() / h.sum()), float(h.sum()), h, n, both

    one = numpy.ones(len(pairs))
    value, weight, h, n, both = asymmetry(one)
    blocks = numpy.unique(block)
    left = numpy.array([asymmetry(one * (block != b))[0] for b in blocks])
    variance = max((len(blocks) - 1) / len(blocks) * ((left - left.mean()) ** 2).sum(), 1 / weight**2)
    parts, effective, step = [variance], [], 1e-4
    ratio = numpy.zeros_like(n)
    ratio[both] = h[:, None] / n[both]
    for of in clients:
        score = {}
        for client, b in sorted(set(zip(of, block))):
            inside = (of == client) & (block == b)
            score[client, b] = (asymmetry(one + step * inside)[0] - asymmetry(one - step * inside)[0]) / (2 * step)
        names = sorted(set(of))
        total = [sum(part for (client, _), part in score.items() if client == name) for name in names]
        squares = sum(part**2 for part in score.values())
        parts.append(max(0.0, len(names) / (len(names) - 1) * sum(part**2 for part in total) - squares))
        share = numpy.array([ratio.reshape(-1)[cell[of == name]].sum() for name in names])
        effective.append(float(share.sum() ** 2 / (share**2).sum()))
    freedom = [len(blocks) - 1, *(max(of - 1, 0.01) for of in effective)]
    df = min(len(blocks) - 1, sum(parts) ** 2 / sum(part**2 / of for part, of in zip(parts, freedom)))
    return {
        "overtaking": value,
        "overtaking_pairs": [int((later == 0).sum()), int((later == 1).sum())],
        "overtaking_block_se": math.sqrt(variance),
        "overtaking_se": math.sqrt(sum(parts)),
        "overtaking_df": df,
    }


def main():
    rows = sample()
    cells = cells_of(rows)
    strata = defaultdict(list)
    for (_, kind, _, load), (a, b) in cells.items():
        strata[kind, load] += a + b
    tail = {key: sorted(values)[-(-99 * len(values) // 100) - 1] for key, values in strata.items()}
    cells = {key: pair for key, pair in cells.items() if pair[0] and pair[1]}
    blocks = numpy.array([key[0] for key in cells])
    weights = numpy.array([len(a) * len(b) / (len(a) + len(b)) for a, b in cells.values()])
    theta = numpy.array([mannwhitneyu(b, a).statistic / (len(a) * len(b)) for a, b in cells.values()])
    beyond = numpy.array(
        [
            numpy.mean([x > tail[key[1], key[3]] for x in b]) - numpy.mean([x > tail[key[1], key[3]] for x in a])
            for key, (a, b) in cells.items()
        ]
    )
    gap, medians = median_gap(cells, numpy.ones(len(cells)))
    generator = numpy.random.default_rng(20_260_105)
    names = sorted(set(blocks))
    gaps = []
    for _ in range(BOOTSTRAPS):
        drawn = defaultdict(int)
        for block in generator.choice(names, len(names)):
            drawn[block] += 1
        gaps.append(median_gap(cells, [drawn[block] for block in blocks])[0])
    theta_value, theta_se = clustered(theta, weights, blocks)
    tail_value, tail_se = clustered(beyond, weights, blocks)
    print(
        json.dumps(
            {
                "made_by": "tests/reference/method.py",
                "versions": {
                    "python": platform.python_version(),
                    "numpy": numpy.__version__,
                    "scipy": scipy.__version__,
                    "statsmodels": statsmodels.__version__,
                },
                "orders": len(rows),
                "cells": len(cells),
                "blocks": len(names),
                "weight": float(weights.sum()),
                "theta": theta_value,
                "theta_block_se": theta_se,
                "tail": tail_value,
                "tail_block_se": tail_se,
                "medians": [int(value) for value in medians],
                "gap": int(gap),
                "gap_bootstrap_se": float(numpy.std(gaps, ddof=1)),
                **overtaking([(at, latency + client % 5 * 4_000, *group_on) for at, latency, *group_on in rows for client in [group_on[1]]]),
                "first_cells": [[list(a), list(b), float(t)] for (a, b), t in list(zip(cells.values(), theta))[:5]],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
