"""Were co-located clients' orders handled alike?

A study reads the orders a broker sent to the exchange and the receipts of its clients' orders, and says of every ordered pair of client
groups whether one was treated worse. This package runs the same engine as the command line, on the same files or on Arrow frames that are
in memory already (pyarrow, polars, pandas), and gives back the same result.

>>> import colofair, tempfile
>>> folder = tempfile.mkdtemp()
>>> truth = colofair.simulate("delay", folder, orders=9_000, days=5, seed=11, delay="100us")
>>> result = colofair.study(f"{folder}/study.toml", f"{folder}/out")
>>> result.verdict
'finding'
>>> [(pair["favoured"], pair["disadvantaged"], pair["verdict"]) for pair in result.pairs]
[('A', 'B', 'unfair'), ('B', 'A', 'reversed')]
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from colofair import _colofair
from colofair._colofair import ColofairError, __version__
from colofair._result import Result

__all__ = ["ColofairError", "Result", "__version__", "check", "load", "simulate", "study", "summarize", "verdict"]

PathLike = str | os.PathLike[str]


def study(
    config: PathLike,
    out: PathLike | None = None,
    *,
    text: str | None = None,
    orders: Any = None,
    receipts: Any = None,
    clients: Any = None,
    depth: Literal["standard", "full"] = "standard",
    full_tables: bool = False,
) -> Result:
    """Run a study: reconcile, measure, judge, report.

    Parameters
    ----------
    config : path
        A study.toml. With `text` the folder it would stand in: paths in it are relative to it.
    out : path, optional
        Folder of the results; a temporary one, deleted with the result, where none is named. Only an earlier result is ever replaced.
    text : str, optional
        The text of a study.toml, in place of the file.
    orders, receipts, clients : table, optional
        Rows in memory, in place of the files the study names: anything with ``__arrow_c_stream__``, such as a pyarrow.Table, a polars
        or a pandas DataFrame. Read in place; `columns` of the study name the columns, `paths` are not looked at. A frame has no
        SHA-256 in the result: what was studied is then yours to prove.
    depth : {"standard", "full"}
        "full" also judges every alternative again: some hundred verdicts.
    full_tables : bool
        Also write every row to ``tables/reconciled.parquet``.

    Returns
    -------
    Result

    Raises
    ------
    ColofairError
        With the text the command line prints: code, place, reason, remedy.

    Notes
    -----
    The interpreter lock is released while the study runs. Same input, configuration and version give the same bytes.
    """
    return _run("study", config, out, text, (orders, receipts, clients), depth, full_tables)


def check(
    config: PathLike,
    out: PathLike | None = None,
    *,
    text: str | None = None,
    orders: Any = None,
    receipts: Any = None,
    clients: Any = None,
) -> Result:
    """Take a first look: reconcile and measure, without a verdict.

    Parameters and errors are those of :func:`study`.
    """
    return _run("check", config, out, text, (orders, receipts, clients), "standard", False)


def _run(command, config, out, text, frames, depth, full_tables) -> Result:
    scratch = None
    if out is None:
        scratch = tempfile.TemporaryDirectory(prefix="colofair-")
        out = Path(scratch.name) / "out"
    _colofair.run(_study_path(config, text), text, Path(out), command, depth, full_tables, *frames)
    return Result(Path(out), scratch)


def _study_path(config: PathLike, text: str | None) -> Path:
    path = Path(config)
    return path / "study.toml" if text is not None and path.is_dir() else path


def load(out: PathLike) -> Result:
    """Open the results that the program or :func:`study` wrote to a folder."""
    return Result(Path(out))


def summarize(
    config: PathLike, *, text: str | None = None, orders: Any = None, receipts: Any = None, clients: Any = None
) -> bytes:
    """Turn one trading day into bytes that any number of days are judged by.

    Parameters
    ----------
    config, text, orders, receipts, clients
        As for :func:`study`; the receipts are of one local trading day.

    Returns
    -------
    bytes
        Arrow IPC, versioned: the day's matched orders (9 to 12 bytes each in the library's own measure) and what is known of its
        records. Days of one study share title and settings; paths may differ.

    Raises
    ------
    ColofairError
        E0250 where the receipts fall on several dates or nothing matched.
    """
    return _colofair.summarize(_study_path(config, text), text, orders, receipts, clients)


def verdict(config: PathLike, days: Iterable[bytes], *, text: str | None = None) -> list[dict[str, Any]]:
    """Judge the pairs of groups on days summarized apart.

    Parameters
    ----------
    config, text
        The study the days were made under.
    days : iterable of bytes
        What :func:`summarize` gave, in any order.

    Returns
    -------
    list of dict
        The ``pairs`` of one run over all files, byte for byte, without the raw ``comparison``.

    Raises
    ------
    ColofairError
        E0251 for a day given twice, or days of other settings, zones or versions.
    """
    return json.loads(_colofair.verdict(_study_path(config, text), text, [bytes(day) for day in days]))


def simulate(
    world: str,
    out: PathLike,
    *,
    orders: int = 100_000,
    days: int = 5,
    seed: int = 1,
    delay: str | None = None,
    format: Literal["csv", "parquet", "arrow"] = "csv",
) -> dict[str, Any]:
    """Write a simulated world whose truth is known.

    Parameters
    ----------
    world : str
        "fair", "delay", "tail", "priority", "routing", ... as `colofair simulate --help` lists them.
    out : path
        Folder for orders, receipts, clients, study.toml and the truth.
    orders, days, seed : int
        Size, trading days, and the seed: the same seed gives the same files.
    delay : str, optional
        What group B waits longer in a world of a delay: "100us".
    format : {"csv", "parquet", "arrow"}

    Returns
    -------
    dict
        What was planted: truth.json.
    """
    return json.loads(_colofair.simulate(world, Path(out), orders, days, seed, delay, format))
