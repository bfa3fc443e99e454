"""What a study found, as Python sees it."""

from __future__ import annotations

import json
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

_UNPRINTED = {code: "\ufffd" for code in (*range(32), *range(127, 160))}
_EFFECT = ("estimate", "se", "df", "lower", "upper", "margin", "p_unfair_holm", "p_fair")

_WORDS = {"finding": "FINDING", "no_finding": "NO FINDING", "inconclusive": "INCONCLUSIVE"}


class Result:
    """The results of a study in a folder.

    Attributes
    ----------
    out : pathlib.Path
        The folder.
    data : dict
        result.json, whole. Durations are integer nanoseconds, instants integer nanoseconds since the epoch in UTC, shares fractions of 1.
    """

    def __init__(self, out: Path, scratch: Any = None) -> None:
        self.out = Path(out)
        self._scratch = scratch
        self.data: dict[str, Any] = json.loads((self.out / "result.json").read_text(encoding="utf-8"))

    def __getstate__(self) -> dict[str, Any]:
        if self._scratch is not None:
            raise TypeError("the results lie in a temporary folder that goes with this object: name a folder with out= to copy or send them")
        return self.__dict__

    @property
    def judged(self) -> bool:
        """False of a first look, which seeks no verdict."""
        return self.data["tool"]["command"] != "check"

    @property
    def verdict(self) -> str:
        """"finding", "no_finding" or "inconclusive", which it always is where nothing was :attr:`judged`."""
        return self.data["verdict"]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Latency by group: n, clients, min, mean, p50, p90, p99, p999, max, in nanoseconds."""
        return self.data["groups"]

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """Every ordered pair of groups with its verdict, effects and reasons."""
        return self.data["pairs"]

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Findings, ascending by code."""
        return self.data["findings"]

    @property
    def scorecard(self) -> list[dict[str, Any]]:
        """The eight audit findings: finding, none, insufficient or not_run, with the reason."""
        return self.data["scorecard"]

    @cached_property
    def report(self) -> str:
        """The page as text, which a browser or Jupyter shows; a first look has none."""
        if not self.judged:
            raise ValueError("a first look writes no report: colofair.study does")
        return (self.out / "report.html").read_text(encoding="utf-8")

    def table(self, name: str = "exceptions") -> Any:
        """A table of rows as pyarrow.Table: "exceptions", "trend", "records", or "reconciled" with ``full_tables=True``."""
        import pyarrow.parquet

        return pyarrow.parquet.read_table(self.out / "tables" / f"{name}.parquet")

    def frame(self, part: str) -> Any:
        """A list of result.json as pyarrow.Table, nested parts left out: "groups", "pairs", "stages", "findings", "scorecard", "stamps"."""
        import pyarrow

        lists = [name for name, value in self.data.items() if isinstance(value, list) and all(isinstance(row, dict) for row in value)]
        if part not in lists:
            raise KeyError(f"{part!r} is no list of rows; these are: {', '.join(lists)}")
        rows = self.data[part]
        nested = {key for row in rows for key, value in row.items() if isinstance(value, (dict, list))}
        names = dict.fromkeys(key for row in rows for key in row if key not in nested)
        return pyarrow.table({name: [row.get(name) for row in rows] for name in names})

    def effects(self) -> Any:
        """The estimates of every pair as pyarrow.Table: one row a pair and measure, with interval and margin, nanoseconds or shares."""
        return effect_table(self.pairs)

    def chart(self, section: str, place: int = 0, language: str = "en") -> Chart:
        """A chart of the report: the `place`-th of a section ("groups", "pairs", "when", "reconciliation", "priority")."""
        return Chart(_svg(self.report, section, place, language))

    def __repr__(self) -> str:
        n = self.data["reconciliation"]["matched"]
        word = _WORDS[self.verdict] if self.judged else "first look, not judged"
        return f"<colofair.Result {word}: {n:,} matched orders, {len(self.groups)} groups, {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        word = _WORDS[self.verdict] if self.judged else "first look, not judged"
        return pairs_html(word, shown(self.data["study"]["title"]), self.pairs)


def effect_rows(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a pair and measure."""
    return [
        {"favoured": pair["favoured"], "disadvantaged": pair["disadvantaged"], "verdict": pair["verdict"], "measure": name, **pair[name]}
        for pair in pairs
        for name in ("median_gap", "tail_excess", "overtaking")
        if pair[name] is not None
    ]


def effect_table(pairs: list[dict[str, Any]]) -> Any:
    """The same as pyarrow.Table; its columns do not depend on what was found."""
    import pyarrow

    texts, rows = ("favoured", "disadvantaged", "verdict", "measure"), effect_rows(pairs)
    columns = {name: pyarrow.array([row[name] for row in rows], pyarrow.string()) for name in texts}
    return pyarrow.table(columns | {name: pyarrow.array([row.get(name) for row in rows], pyarrow.float64()) for name in _EFFECT})


def plain(text: str) -> str:
    """A name in which nothing steers a terminal."""
    return text.translate(_UNPRINTED)


def shown(text: str) -> str:
    """A name as HTML: nothing in it steers a page."""
    return escape(plain(text))


def pairs_html(verdict: str, title: str, pairs: list[dict[str, Any]]) -> str:
    """Verdict, title and the median gap of the first pairs, as Jupyter shows them."""
    rows = "".join(
        f"<tr><td>{shown(pair['favoured'])} &rarr; {shown(pair['disadvantaged'])}</td><td>{shown(pair['verdict'])}</td>"
        f"<td>{_effect(pair['median_gap'])}</td></tr>"
        for pair in pairs[:20]
    )
    return (
        f"<p><b>{verdict}</b> &middot; {title}</p><table><thead><tr><th>pair</th><th>verdict</th>"
        f"<th>median gap [interval], &micro;s</th></tr></thead><tbody>{rows}</tbody></table>"
    )


class Chart:
    """An SVG that Jupyter draws."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Write the chart to a file."""
        Path(path).write_text(self.svg, encoding="utf-8")


def _effect(effect: dict[str, Any] | None) -> str:
    if effect is None:
        return "&ndash;"
    estimate, lower, upper = (effect[key] / 1_000 for key in ("estimate", "lower", "upper"))
    return f"{estimate:+.1f} [{lower:+.1f}, {upper:+.1f}]"


def _svg(page: str, section: str, place: int, language: str) -> str:
    start = page.find(f'<section id="{section}"')
    if start < 0:
        raise KeyError(f"the report has no section {section!r}")
    part = page[start : page.index("</section>", start)]
    tag = {"en": '<div class="en" lang="en"><svg', "zh-TW": '<div class="zh" lang="zh-TW"><svg'}[language]
    pieces = part.split(tag)[1:]
    if not 0 <= place < len(pieces):
        raise IndexError(f"section {section!r} has {len(pieces)} charts")
    return "<svg" + pieces[place][: pieces[place].index("</svg>") + len("</svg>")]
