from pathlib import Path
from typing import Any

__version__: str

class ColofairError(Exception): ...

def run(
    path: Path,
    text: str | None,
    out: Path,
    command: str,
    depth: str,
    full_tables: bool,
    pseudonyms: Path | None,
    orders: Any,
    receipts: Any,
    clients: Any,
) -> None: ...
def summarize(
    path: Path, text: str | None, subject: str | None, orders: Any, receipts: Any, clients: Any
) -> tuple[bytes, str, list[int]]: ...
def merge(parts: list[bytes]) -> bytes: ...
def verdict(path: Path, text: str | None, parts: list[bytes]) -> str: ...
def settings(path: Path, text: str | None) -> dict[str, str]: ...
def simulate(world: str, out: Path, orders: int, days: int, seed: int, delay: str | None, format: str) -> str: ...
def buffer_address(data: Any, column: str) -> int: ...
