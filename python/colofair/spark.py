"""Studies of many brokers and days on Apache Spark.

One study is one broker. Its trading days are summarized where Spark brings their rows together, and each broker is judged by merging its
days: the answer is that of one run over all of the broker's rows (:func:`colofair.verdict` says what it holds), byte for byte, whatever
the partitions and whichever task was repeated. Reading, shuffling, scheduling and repeating are Spark's alone.

A broker's day is one task and is held in memory by it; so are all summarized days of a broker, about 10 bytes an order, when it is
judged, and 34 bytes an order beside what the method takes. The workers' Python needs this package and pyarrow.

Spark's own timestamps stop at microseconds. Nanoseconds of Parquet survive as integers under
``spark.sql.legacy.parquet.nanosAsLong=true``: a 64-bit integer in a column that the study maps to an instant, without a format of its
own, is taken as nanoseconds since the epoch in UTC. Nanoseconds of text survive as text.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

import colofair
from colofair import _colofair

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["summarize", "verdict"]

_COUNTS = ("orders", "orders_read", "orders_rejected", "receipts_read", "receipts_rejected")


def summarize(
    orders: DataFrame,
    receipts: DataFrame,
    study: str,
    *,
    broker: str = "broker",
    sent_at: str | None = None,
    received_at: str | None = None,
    clients: Any = None,
) -> DataFrame:
    """Turn every trading day of every broker into a row that holds its state.

    Parameters
    ----------
    orders, receipts : pyspark.sql.DataFrame
        One row an order and one row a receipt, of any number of brokers and days.
    study : str
        The text of a study.toml; its title and paths are not looked at. The same for all brokers.
    broker : str
        Column of both frames: whose row it is. Each broker is a study of its own, and its name the subject.
    sent_at, received_at : str, optional
        Columns of orders and of receipts that date a row [default: those the study maps]: a date, or an instant as timestamp, as integer
        nanoseconds since the epoch, or as text in ISO 8601 with an offset. The trading day is the local date in the study's time zone. An
        order that is sent on another date than it was received on finds no receipt: give a column of dates where sessions pass midnight.
    clients : table, optional
        Whose accounts are whose, in place of the clients file: anything with ``__arrow_c_stream__``. It goes to every task; where it has
        the column `broker`, a task sees its broker's rows alone.

    Returns
    -------
    pyspark.sql.DataFrame
        `broker`, `trade_date` (date), `orders` (matched), rows read and rejected of both sides, `state` (bytes): one row a broker and day.

    Raises
    ------
    colofair.ColofairError
        Within the task, named in Spark's error: E0214 or E0250 for a day on which nothing can be matched, and whatever ends a study; rows
        without a broker, or without a time that dates them, which :func:`colofair.study` would list as rejected: no day can hold them.
    TypeError
        A broker's column that is no string.
    """
    for side in (orders, receipts):
        kind = side.schema[broker].dataType.simpleString()
        if kind != "string":
            raise TypeError(f"column {broker} is {kind}: whose row it is must be a string, such as F.col({broker!r}).cast('string')")
    settings = _colofair.settings("study.toml", study)
    zone, instants = settings["study.timezone"], {"orders": _instants(settings, "orders"), "receipts": _instants(settings, "receipts")}
    sent_at, received_at = sent_at or settings["orders.columns.sent_at"], received_at or settings["receipts.columns.received_at"]
    book = None if clients is None else pa.RecordBatchReader.from_stream(clients).read_all()
    sides = [
        frame.withColumn("trade_date", _local_date(frame, dated, zone)).groupBy(broker, "trade_date")
        for frame, dated in ((orders, sent_at), (receipts, received_at))
    ]

    def day_of(key: tuple[pa.Scalar, ...], orders: pa.Table, receipts: pa.Table) -> pa.Table:
        _one_thread_a_core()
        name, date = key[0].as_py(), key[1]
        if name is None or date.as_py() is None:
            rows = f"{orders.num_rows:,} rows of the orders and {receipts.num_rows:,} of the receipts"
            lacks = f"no {broker}" if name is None else f"no date that can be read in {sent_at} or {received_at} ({broker} {name})"
            raise colofair.ColofairError(f"{rows} have {lacks}: a day cannot hold them; set them aside, and count them, before")
        book_of_broker = book.filter(pc.equal(book[broker], name)) if book is not None and broker in book.column_names else book
        sides = {side: _nanoseconds(table, instants[side]) for side, table in (("orders", orders), ("receipts", receipts))}
        try:
            day = colofair.summarize("study.toml", text=study, subject=name, clients=book_of_broker, **sides)
        except colofair.ColofairError as error:
            raise colofair.ColofairError(f"{broker} {name}, {date}: {error}") from None
        row = {broker: [name], "trade_date": [date.as_py()]} | {count: [getattr(day, count)] for count in _COUNTS} | {"state": [day.state]}
        return pa.table(row, schema=arrow)

    counts = [(count, pa.int64()) for count in _COUNTS]
    arrow = pa.schema([(broker, pa.string()), ("trade_date", pa.date32()), *counts, ("state", pa.binary())])
    columns = ", ".join(f"{count} bigint" for count in _COUNTS)
    left, right = sides
    return left.cogroup(right).applyInArrow(day_of, f"`{broker}` string, trade_date date, {columns}, state binary")


def verdict(days: DataFrame, study: str, *, broker: str = "broker") -> DataFrame:
    """Judge every broker by merging its days.

    Parameters
    ----------
    days : pyspark.sql.DataFrame
        What :func:`summarize` gave, now or earlier: the states may have lain anywhere in between.
    study : str
        The text of study.toml that they were made under.
    broker : str
        The column of the broker.

    Returns
    -------
    pyspark.sql.DataFrame
        `broker`, `verdict` ("finding", "no_finding", "inconclusive"), `days`, `orders`, `document`: the text that `colofair merge -o`
        writes, which ``colofair.Verdict(document)`` reads.

    Raises
    ------
    colofair.ColofairError
        Within the task: E0251 for a day that comes twice, or for days of other settings or versions; E0252 for damaged bytes.
    """

    def judged(key: tuple[pa.Scalar, ...], table: pa.Table) -> pa.Table:
        _one_thread_a_core()
        name = key[0].as_py()
        try:
            found = colofair.verdict("study.toml", [state.as_buffer() for state in table["state"]], text=study)
        except colofair.ColofairError as error:
            raise colofair.ColofairError(f"{broker} {name}: {error}") from None
        row = {broker: [name], "verdict": [found.verdict], "days": [len(found.days)], "orders": [found.data["orders"]]}
        return pa.table(row | {"document": [found.json]}, schema=arrow)

    whole = pa.int64()
    arrow = pa.schema([(broker, pa.string()), ("verdict", pa.string()), ("days", whole), ("orders", whole), ("document", pa.string())])
    only = days.select(broker, "state")
    return only.groupBy(broker).applyInArrow(judged, f"`{broker}` string, verdict string, days bigint, orders bigint, document string")


def _instants(settings: dict[str, str], side: str) -> set[str]:
    """Columns that the study maps to instants without saying in which form they are."""
    return {column for key, column in settings.items() if key.startswith(f"{side}.columns.") and key.endswith("_at")}


def _nanoseconds(table: pa.Table, instants: set[str]) -> pa.Table:
    """Integers among the instants as what they are; the values stay where they lie."""
    for place, field in enumerate(table.schema):
        if field.name in instants and field.type == pa.int64():
            table = table.set_column(place, field.name, table[place].cast(pa.timestamp("ns", tz="UTC")))
    return table


def _local_date(frame: DataFrame, column: str, zone: str) -> Column:
    """The local date of a row, whatever the time zone of the Spark session."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import DateType, LongType, StringType, TimestampType

    kind, given = frame.schema[column].dataType, F.col(column)
    if isinstance(kind, DateType):
        return given
    if isinstance(kind, LongType):
        micros = F.expr(f"`{column}` div 1000")
    elif isinstance(kind, TimestampType):
        micros = F.unix_micros(given)
    elif isinstance(kind, StringType):
        micros = F.unix_micros(F.to_timestamp(given))
    else:
        raise TypeError(f"{column} is {kind.simpleString()}: give a date, a timestamp, integer nanoseconds or text with an offset")
    seconds = (micros / 1_000_000).cast("decimal(18,6)")
    none = F.lit(0)
    utc = F.expr("timestamp_ntz'1970-01-01 00:00:00'") + F.make_dt_interval(none, none, none, seconds)
    return F.convert_timezone(F.lit("UTC"), F.lit(zone), utc).cast("date")


def _one_thread_a_core() -> None:
    """A task computes on the cores Spark gave it; the pool of threads is made at its first use."""
    from pyspark import TaskContext

    context = TaskContext.get()
    os.environ.setdefault("RAYON_NUM_THREADS", str(context.cpus() if context else 1))
