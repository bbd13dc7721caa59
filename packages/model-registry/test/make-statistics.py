"""Makes statistics.json: reference values of the gate's statistics.

Run with numpy, scipy and statsmodels installed: python make-statistics.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests


def tango(first, second, rows):
    """The interval from its definition: likelihood maximized by a numerical search."""

    def score(delta):
        def loss(share):  # of rows that only the second gets right
            both = 1 - 2 * share - delta
            parts = [(first, share + delta), (second, share), (rows - first - second, both)]
            return -sum(count * np.log(max(p, 1e-300)) for count, p in parts if count)

        lowest, highest = max(0, -delta), (1 - delta) / 2
        share = optimize.minimize_scalar(
            loss, bounds=(lowest, highest), method="bounded", options={"xatol": 1e-13}
        ).x
        share = min([share, lowest, highest], key=loss)
        return (first - second - rows * delta) / np.sqrt(rows * (2 * share + delta * (1 - delta)))

    z = stats.norm.ppf(0.975)
    center = (first - second) / rows
    return [
        optimize.brentq(lambda d: score(d) - z, -1 + 1e-9, center - 1e-9),
        optimize.brentq(lambda d: score(d) + z, center + 1e-9, 1 - 1e-9),
    ]


def case(first, second, rows):
    table = [[rows - first - second, first], [second, 0]]
    return {
        "onlyFirstRight": first,
        "onlySecondRight": second,
        "rows": rows,
        "mcnemar": float(mcnemar(table, exact=True).pvalue),
        "binomial": float(stats.binomtest(first, first + second).pvalue),
        "interval": tango(first, second, rows),
    }


cases = [(12, 2, 50), (2, 12, 50), (5, 5, 100), (1, 0, 30), (21, 9, 2000), (310, 250, 5000)]
cases += [(1900, 1700, 50_000), (4000, 4000, 50_000), (0, 8, 40), (100, 0, 1000)]
p = [0.01, 0.04, 0.03, 0.005, 0.8, 0.02]
reference = {
    "pairs": [case(*one) for one in cases],
    "holm": {"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()},
}
Path(__file__).with_name("statistics.json").write_text(json.dumps(reference, indent=1) + "\n")
