"""Small files that unpack to much: how much memory does `colofair check` take for them, and how does it end?

    python3 tests/reference/bombs.py PROGRAM FOLDER

Writes each bomb as the orders of a study of two rows, runs `check --memory 512MiB`, and prints size, size unpacked, exit code, peak memory and seconds. Ends with
1 where a run takes more than CEILING, ends by a signal or tells a defect. Needs GNU time; the Parquet and Arrow bombs need pyarrow and are left
out without it.
"""

import gzip
import io
import re
import struct
import subprocess
import sys
import time
from pathlib import Path

CEILING = 600  # MiB
GIB = 1 << 30
HEADER = b"id,account,group,at\n"
ROW = b"K%d,A1,A,2026-01-05T09:00:00.000050\n"

STUDY = """[study]
language = "en"
[orders]
paths = ["{name}"]
columns = {{ receipt_id = "id", account = "account", sent_at = "at" }}
{more}[receipts]
paths = ["receipts.csv"]
columns = {{ receipt_id = "id", account = "account", group = "group", received_at = "at" }}
"""


def packed(pieces):
    """gzip of pieces, without holding them."""
    pack = gzip.zlib.compressobj(9, gzip.zlib.DEFLATED, 31)
    return b"".join(pack.compress(piece) for piece in pieces) + pack.flush()


def zstd_of_one_byte(length, byte):
    """A zstd frame of blocks that repeat one byte, four bytes for 128 KiB."""
    block = 128 << 10
    n_blocks = length // block
    blocks = [struct.pack("<I", (block << 3) | 2 | (at == n_blocks - 1))[:3] + byte for at in range(n_blocks)]
    return b"\x28\xb5\x2f\xfd" + b"\x00\x50" + b"".join(blocks)


def bombs():
    """Name, further settings of [orders], bytes, size unpacked."""
    mib = 1 << 20
    zeros = [bytes(mib)] * 1024
    yield "zeros.csv.gz", "", packed(zeros), GIB
    yield "line.csv.gz", "", packed([HEADER, b"K1,", *[b"x" * mib] * 1024]), GIB
    yield "header.csv.gz", "", packed([b"id,account,group,at", *[b",c" * (mib // 2)] * 1024]), GIB
    yield "blank_lines.csv.gz", "", packed([HEADER, *[b"\n" * mib] * 1024]), GIB
    yield "rows.csv.gz", "", packed([HEADER, *[ROW % 1 * 10_000] * 1_000]), 10_000_000 * len(ROW % 1)
    inner = packed(zeros)
    yield "twice.csv.gz", "", gzip.compress(inner), GIB
    yield "many_members.csv.gz", "", gzip.compress(HEADER) + gzip.compress(b"\n" * mib) * 1024, GIB
    yield "newlines.csv.zst", "", zstd_of_one_byte(4 * GIB, b"\n"), 4 * GIB
    yield "letters.csv.zst", "", zstd_of_one_byte(4 * GIB, b"x"), 4 * GIB
    json_rows = 'format = "jsonl"\n'
    yield "object.jsonl.gz", json_rows, packed([b'{"id":"', *[b"x" * mib] * 1024, b'"}']), GIB
    yield "nested.jsonl.gz", json_rows, packed([b'{"id":', *[b"[" * mib] * 256]), GIB // 4
    yield from columnar()


def columnar():
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        print("pyarrow is not here: Parquet and Arrow bombs not made", file=sys.stderr)
        return
    rows = 10_000_000
    one = pa.array(["K" + "x" * 200])
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int32()), one)
    table = pa.table({"id": repeated, "account": repeated, "at": pa.array(["2026-01-05T09:00:00.000050"] * 1_000_000).dictionary_encode()})
    out = io.BytesIO()
    with pq.ParquetWriter(out, table.schema, compression="zstd") as writer:
        for _ in range(rows // 1_000_000):
            writer.write_table(table, row_group_size=1_000_000)
    yield "repeated.parquet", "", out.getvalue(), rows * 450
    values = pa.array(["x" * 1000] * 2_000)
    for codec in ("zstd", "lz4"):
        out = io.BytesIO()
        options = pa.ipc.IpcWriteOptions(compression=codec)
        table = pa.table({"id": values, "account": values, "at": values})
        with pa.ipc.new_file(out, table.schema, options=options) as writer:
            writer.write_table(table)
        bytes_ = out.getvalue()
        true = struct.pack("<q", 2_000_000)
        assert true in bytes_
        yield f"claims_{codec}.arrow", "", bytes_.replace(true, struct.pack("<q", 1 << 40)), 1 << 40


def run(program, folder):
    """Exit code, peak MiB, seconds, standard error."""
    began = time.monotonic()
    # A process has what its parent held on its account: GNU time is a parent that holds nothing.
    command = ["/usr/bin/time", "-f", "%M", program, "check", "study.toml", "--lang", "en", "-q", "--memory", "512MiB"]
    ended = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    said, kib = ended.stderr.decode(errors="replace").strip().rsplit("\n", 1) if b"\n" in ended.stderr.strip() else ("", ended.stderr)
    return ended.returncode, int(kib) / 1024, time.monotonic() - began, said


def main():
    program, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "receipts.csv").write_bytes(HEADER + ROW % 1 + b"K2,B1,B,2026-01-05T09:00:01.000000\n")
    failed = False
    print("| bomb | bytes | unpacked, MiB | ends with | peak, MiB | seconds |\n|---|---|---|---|---|---|")
    for name, more, content, unpacked in bombs():
        (folder / name).write_bytes(content)
        (folder / "study.toml").write_text(STUDY.format(name=name, more=more))
        code, peak, seconds, said = run(program, folder)
        told = re.search(r"error\[(E\d+)\]", said)
        ends = f"{code}, {told[1]}" if told else str(code)
        print(f"| {name} | {len(content):,} | {unpacked >> 20:,} | {ends} | {peak:.0f} | {seconds:.1f} |", flush=True)
        failed |= peak > CEILING or code < 0 or "E0006" in said or code not in (0, 2, 3)
        (folder / name).unlink()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
