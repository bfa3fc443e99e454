"""Frames in Python against the program on the files they came from, and what one core does with a study-day.

`python frame.py PROGRAM FOLDER [--study STUDY.TOML] [--rounds N] [--orders N]` runs both in turn, each as a whole process, and prints
wall seconds, CPU seconds and peak memory as JSON. The program reads, hashes and studies the Parquet files; Python imports pyarrow and
colofair, reads the columns that the study names by pyarrow, and studies the frames, which have no hash. Build both in release.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path

CHILD = """
import json, resource, sys, time
since = time.perf_counter()
import pyarrow.parquet as pq
import colofair
study, out, sides = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
frames = {side: pq.read_table(path, columns=columns) for side, (path, columns) in sides.items()}
read = time.perf_counter()
before = resource.getrusage(resource.RUSAGE_SELF)
colofair.study(study, out, **frames)
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"read": read - since, "study": time.perf_counter() - read, "study cpu": cpu}))
"""

ONE_CORE = """
import json, sys, time
import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
import colofair
folder = sys.argv[1]
frames = {side: pq.read_table(f"{folder}/{side}.parquet") for side in ("orders", "receipts")}
local = {side: pc.cast(pc.local_timestamp(pc.cast(frames[side][column], pa.timestamp("ns", "Asia/Taipei"))), pa.timestamp("us"), safe=False).cast("date32")
         for side, column in (("orders", "sent_ts"), ("receipts", "received_ts"))}
dates = sorted(set(pc.unique(local["receipts"]).to_pylist()))
cut = [{side: frames[side].filter(pc.equal(local[side], date)) for side in frames} for date in dates]
since = time.process_time()
days = [colofair.summarize(f"{folder}/study.toml", **day) for day in cut]
summarized = time.process_time()
found = colofair.verdict(f"{folder}/study.toml", days)
judged = time.process_time()
for day in days:
    open(f"{folder}/{day.date}.day", "wb").write(day.state)
orders = found.data["orders"]
print(json.dumps({"days": len(days), "matched orders": orders, "bytes an order": sum(len(day.state) for day in days) / orders,
    "summarize, orders a CPU second": orders / (summarized - since), "verdict, orders a CPU second": orders / (judged - summarized)}))
"""

VERDICT = """
import sys
import colofair
found = colofair.verdict(sys.argv[1], [open(path, "rb").read() for path in sys.argv[2:]])
print(found.data["orders"])
"""


def run(command, environment=None):
    """A whole process: wall, CPU, peak memory, and what it printed."""
    since = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=os.environ | (environment or {}), text=True)
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return {"wall": time.perf_counter() - since, "cpu": usage.ru_utime + usage.ru_stime, "peak MB": usage.ru_maxrss / 1024}, said


def sides_of(study):
    settings = tomllib.loads(study.read_text())
    side = lambda name: (str(study.parent / settings[name]["paths"][0]), sorted(set(settings[name]["columns"].values())))
    return json.dumps({name: side(name) for name in ("orders", "receipts")})


def median(rows):
    return {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--study", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=10_000_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    program, folder = str(options.program.resolve()), options.folder.resolve()

    def simulated(name, orders, days):
        where = folder / name
        size = ["--orders", str(orders), "--days", str(days), "--seed", "1", "--format", "parquet"]
        subprocess.run([program, "simulate", "fair", *size, "-o", str(where), "--quiet"], check=True)
        return where / "study.toml"

    days = simulated("days", options.orders // 4, 10)
    _, said = run([sys.executable, "-c", ONE_CORE, str(days.parent)], {"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    one_core = json.loads(said)
    figures, said = run([sys.executable, "-c", VERDICT, str(days), *map(str, sorted(days.parent.glob("*.day")))])
    one_core["verdict, peak bytes an order"] = round(figures["peak MB"] * 2**20 / int(said))
    print(json.dumps(one_core), file=sys.stderr, flush=True)
    study = options.study or simulated("whole", options.orders, 1)
    sides = sides_of(study)
    of_program, of_python, within = [], [], []
    for _ in range(options.rounds):
        figures, _ = run([program, "study", str(study), "-o", str(folder / "out-program"), "--quiet", "--exit-zero"])
        of_program.append(figures)
        figures, said = run([sys.executable, "-c", CHILD, str(study), str(folder / "out-python"), sides])
        of_python.append(figures)
        within.append(json.loads(said))
        print(json.dumps([of_program[-1], of_python[-1], within[-1]]), file=sys.stderr, flush=True)
    program_median, python_median = median(of_program), median(of_python)
    print(
        json.dumps(
            {
                "rounds": options.rounds,
                "program": program_median,
                "python": python_median,
                "python, within": median(within),
                "python / program": {key: round(python_median[key] / program_median[key], 3) for key in program_median},
                "walls": [[round(row["wall"], 2) for row in rows] for rows in (of_program, of_python)],
                "cpus": [[round(row["cpu"], 2) for row in rows] for rows in (of_program, of_python)],
                "one core": one_core,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
