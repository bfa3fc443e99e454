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
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from colofair import _colofair
from colofair._colofair import ColofairError, __version__
from colofair._days import Day, Verdict
from colofair._result import Result

__all__ = [
    "ColofairError",
    "Day",
    "Result",
    "Verdict",
    "__version__",
    "check",
    "load",
    "merge",
    "reconcile",
    "simulate",
    "study",
    "summarize",
    "verdict",
]

if TYPE_CHECKING:
    import pyarrow

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
    pseudonyms: PathLike | None = None,
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
    pseudonyms : path, optional
        A file with a secret key of at least 16 random bytes: pseudonyms made with it stand in place of clients and accounts in everything
        that is written. The same key gives the same pseudonyms, so that studies stay comparable.

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
    return _run("study", config, out, text, (orders, receipts, clients), depth, full_tables, pseudonyms)


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

    Parameters and errors are those of :func:`study`. No page is written: `report` and `chart` of the result are for a study's.
    """
    return _run("check", config, out, text, (orders, receipts, clients), "standard", False, None)


def reconcile(
    config: PathLike, *, text: str | None = None, orders: Any = None, receipts: Any = None, clients: Any = None
) -> pyarrow.Table:
    """Say of every row of both sides that could be read what became of it.

    Parameters and errors are those of :func:`study`.

    Returns
    -------
    pyarrow.Table
        One row an order and one row a receipt without an order: `class` ("matched", "missing_receipt", "ambiguous", "duplicate_order",
        "orphan_receipt", "duplicate_receipt"), file and zero-based row of both sides, names, `received_at` and `sent_at`
        (timestamp[ns, UTC]), `latency` (int64, nanoseconds, signed, null where there is none).

    Warns
    -----
    UserWarning
        Where rows could not be read and are therefore not in the table: how many of each side. :func:`check` with a folder lists them in
        its ``rejects.csv``.
    """
    result = _run("check", config, None, text, (orders, receipts, clients), "standard", True, None)
    rejected = {side: result.data["input"][side]["rejected"] for side in ("orders", "receipts")}
    if any(rejected.values()):
        counts = " and ".join(f"{n:,} rows of the {side}" for side, n in rejected.items() if n)
        warnings.warn(f"{counts} could not be read and are not in the table: see rejects.csv of colofair.check", stacklevel=2)
    return result.table("reconciled")


def _run(command, config, out, text, frames, depth, full_tables, pseudonyms) -> Result:
    scratch = None
    if out is None:
        scratch = tempfile.TemporaryDirectory(prefix="colofair-")
        out = Path(scratch.name) / "out"
    key = None if pseudonyms is None else Path(pseudonyms)
    _colofair.run(_study_path(config, text), text, Path(out), command, depth, full_tables, key, *frames)
    return Result(Path(out), scratch)


def _study_path(config: PathLike, text: str | None) -> Path:
    path = Path(config)
    return path / "study.toml" if text is not None and path.is_dir() else path


def load(out: PathLike) -> Result:
    """Open the results that the program or :func:`study` wrote to a folder."""
    return Result(Path(out))


def summarize(
    config: PathLike,
    *,
    text: str | None = None,
    subject: str | None = None,
    orders: Any = None,
    receipts: Any = None,
    clients: Any = None,
) -> Day:
    """Turn one trading day into some 10 bytes an order, by which any number of days are judged.

    Parameters
    ----------
    config, text, orders, receipts, clients
        As for :func:`study`; the receipts are of one local trading day.
    subject : str, optional
        Whose day it is, in place of the study's title: one broker.

    Returns
    -------
    Day
        Its `state` is versioned Arrow IPC: the matched orders and what is known of the day's records. Days of one study share subject,
        settings and version; their paths may differ. It holds names of clients.

    Raises
    ------
    ColofairError
        E0250 where the receipts fall on several dates or nothing matched.
    """
    return Day.of(*_colofair.summarize(_study_path(config, text), text, subject, orders, receipts, clients))


def merge(days: Iterable[Any]) -> bytes:
    """Unite days, or unions of days, in any order and any tree: the same days give the same bytes.

    Parameters
    ----------
    days : iterable of Day or bytes
        What :func:`summarize`, :func:`merge` and ``colofair summarize`` gave.

    Returns
    -------
    bytes
        A union, to be merged again or judged; what ``colofair merge --state`` writes.

    Raises
    ------
    ColofairError
        E0251 for a day given twice, or days of other subjects, settings, zones or versions; E0252 for bytes that are no days.
    """
    return _colofair.merge(_states(days))


def verdict(config: PathLike, days: Iterable[Any], *, text: str | None = None) -> Verdict:
    """Judge the pairs of groups on days summarized apart.

    Parameters
    ----------
    config, text
        The study the days were made under; its paths are not looked at.
    days : iterable of Day or bytes
        What :func:`summarize` and :func:`merge` gave, in any order.

    Returns
    -------
    Verdict
        Its `pairs` are those of one run over all files, digit for digit, without the raw ``comparison``.

    Raises
    ------
    ColofairError
        As :func:`merge`; also E0251 where the days were made under other settings than these.
    """
    return Verdict(_colofair.verdict(_study_path(config, text), text, _states(days)))


def _states(days: Iterable[Any]) -> list[bytes]:
    if isinstance(days, (Day, bytes, bytearray, memoryview, str)):
        raise TypeError(f"days are a list of Day or bytes, not one {type(days).__name__}")
    given = list(days)
    for day in given:
        if isinstance(day, (str, int)):
            raise TypeError(f"a day is a Day or its bytes, not {type(day).__name__}: read a file with Path(...).read_bytes()")
    return [bytes(day) for day in given]


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

    Raises
    ------
    ColofairError
        E0400 for an unknown world or an option outside its range; E0401 for a folder that holds other files than an earlier world's.
    """
    for name, value in (("orders", orders), ("days", days), ("seed", seed)):
        if not 0 <= value < 1 << 64:
            raise ValueError(f"{name} is {value}: give a whole number from 0 on")
    return json.loads(_colofair.simulate(world, Path(out), orders, days, seed, delay, format))
