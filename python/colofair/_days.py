"""Days summarized apart, and what they say together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from colofair._result import _WORDS, effect_table, pairs_html, plain, shown


@dataclass(frozen=True)
class Day:
    """One trading day of one broker.

    Attributes
    ----------
    state : bytes
        The day itself; ``bytes(day)`` gives it too.
    date : str
        Local date, ISO 8601.
    orders : int
        Matched orders.
    orders_read, orders_rejected, receipts_read, receipts_rejected : int
        Rows of both sides, and those of them that could not be read.
    """

    state: bytes
    date: str
    orders: int
    orders_read: int
    orders_rejected: int
    receipts_read: int
    receipts_rejected: int

    @classmethod
    def of(cls, state: bytes, date: str, counts: list[int]) -> Day:
        """From what the library gives."""
        return cls(state, date, *counts)

    def __bytes__(self) -> bytes:
        return self.state

    def __repr__(self) -> str:
        refused = self.orders_rejected + self.receipts_rejected
        return f"<colofair.Day {self.date}: {self.orders:,} matched orders, {len(self.state):,} bytes, {refused:,} rows not read>"


class Verdict:
    """What united days say of every pair of groups.

    Attributes
    ----------
    json : str
        The document, byte for byte what ``colofair merge -o`` writes.
    data : dict
        The same, read. Durations are nanoseconds, shares fractions of 1.
    """

    def __init__(self, json_text: str) -> None:
        self.json = json_text
        self.data: dict[str, Any] = json.loads(json_text)

    @property
    def verdict(self) -> str:
        """"finding", "no_finding" or "inconclusive": of the pairs alone."""
        return self.data["verdict"]

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """Every ordered pair of groups with its verdict, effects and reasons."""
        return self.data["pairs"]

    @property
    def days(self) -> list[dict[str, Any]]:
        """The days, ascending: date and matched orders."""
        return self.data["days"]

    def effects(self) -> Any:
        """As :meth:`colofair.Result.effects`."""
        return effect_table(self.pairs)

    def __repr__(self) -> str:
        return f"<colofair.Verdict {self.verdict}: {plain(self.data['subject'])}, {len(self.days)} days, {self.data['orders']:,} matched orders>"

    def _repr_html_(self) -> str:
        return pairs_html(_WORDS[self.verdict], f"{shown(self.data['subject'])} &middot; {len(self.days)} days", self.pairs)
