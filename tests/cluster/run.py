"""A standalone Spark cluster on loopback, a master and two workers, against one process; then the same with a worker killed midway.

`python run.py FOLDER [--orders N] [--days N]` writes three brokers to FOLDER, judges them three times and compares bytes; figures go
to stdout as JSON. Orders are those of each broker. Needs pyspark and Java.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import reduce
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyspark
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

import colofair
import colofair.spark

BROKERS = {"Harbour": ("delay", 7101), "Meridian": ("fair-open", 7102), "Summit": ("whale-delay", 7103)}
HOST = "127.0.0.1"
PARTITIONS = 30


def simulate(root, orders, days):
    for name, (world, seed) in BROKERS.items():
        colofair.simulate(world, root / name, orders=orders, days=days, seed=seed, format="parquet")
    books = [pa.csv.read_csv(root / name / "clients.csv") for name in BROKERS]
    clients = pa.concat_tables([book.append_column("broker", pa.array([name] * len(book))) for name, book in zip(BROKERS, books)])
    return (root / "Harbour" / "study.toml").read_text(), clients


def pairs_of(found):
    pairs = [{key: value for key, value in pair.items() if key != "comparison"} for pair in found.pairs]
    return json.dumps(pairs, ensure_ascii=False)


def on_one_machine(root):
    """A whole study of every broker, in a process of its own, with the threads it likes."""
    since = time.perf_counter()
    pairs = {name: pairs_of(colofair.study(root / name / "study.toml")) for name in BROKERS}
    return pairs, time.perf_counter() - since


class Daemon:
    """A process of the cluster with its children, in a group that can be killed as a machine dies."""

    def __init__(self, told, *arguments, folder):
        home = Path(pyspark.__file__).parent
        environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST, "SPARK_WORKER_DIR": str(folder)}
        command = [str(home / "bin" / "spark-class"), *arguments]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        if not any(told in line for line in self.process.stderr):
            raise RuntimeError(f"{arguments[0]} ended before it said {told!r}")
        # Its log is read on, or the pipe would fill and stop it.
        threading.Thread(target=lambda: list(self.process.stderr), daemon=True).start()

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def cluster(folder):
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    at = ["--host", HOST, "--webui-port", "0"]
    master = Daemon("elected leader", "org.apache.spark.deploy.master.Master", *at, "--port", str(port), folder=folder)
    url = f"spark://{HOST}:{port}"
    size = ["--cores", "1", "--memory", "2g", "--work-dir", str(folder)]
    worker = lambda: Daemon("Successfully registered", "org.apache.spark.deploy.worker.Worker", *at, *size, url, folder=folder)
    return url, [master, worker(), worker()]


def session(url):
    settings = {
        "spark.driver.bindAddress": HOST,
        "spark.driver.host": HOST,
        "spark.executor.cores": "1",
        "spark.executor.memory": "1g",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.legacy.parquet.nanosAsLong": "true",
        "spark.sql.shuffle.partitions": str(PARTITIONS),
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master(url).appName("colofair")
    for key, value in settings.items():
        builder = builder.config(key, value)
    made = builder.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def on_spark(spark, root, study, clients):
    """Every broker's document, rows of the days, and the seconds it took."""

    def side(name):
        parts = [spark.read.parquet(str(root / broker / f"{name}.parquet")).withColumn("broker", F.lit(broker)) for broker in BROKERS]
        return reduce(lambda one, other: one.unionByName(other), parts)

    since = time.perf_counter()
    days = colofair.spark.summarize(side("orders"), side("receipts"), study, clients=clients).cache()
    documents = {row.broker: row.document for row in colofair.spark.verdict(days, study).collect()}
    seconds = time.perf_counter() - since
    rows = days.select("broker", "trade_date", "orders", F.length("state").alias("bytes")).collect()
    days.unpersist(blocking=True)
    return documents, rows, seconds


def when_some_tasks_are_done(spark, act, stop):
    """Calls `act` once a stage of days has finished a third of its tasks; how many they were, and of how many."""
    tracker = spark.sparkContext.statusTracker()
    while not stop.wait(0.02):
        for stage in map(tracker.getStageInfo, tracker.getActiveStageIds()):
            if stage is not None and stage.numTasks == PARTITIONS and PARTITIONS // 3 <= stage.numCompletedTasks < PARTITIONS:
                act()
                return stage.numCompletedTasks, stage.numTasks
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--orders", type=int, default=90_000)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": HOST}
    root = options.folder.resolve()
    root.mkdir(parents=True, exist_ok=True)
    study, clients = simulate(root, options.orders, options.days)
    alone, alone_seconds = on_one_machine(root)

    daemons = []
    try:
        url, daemons = cluster(root / "work")
        spark = session(url)
        documents, rows, seconds = on_spark(spark, root, study, clients)
        stop, killed = threading.Event(), []
        watch = threading.Thread(target=lambda: killed.append(when_some_tasks_are_done(spark, daemons[2].kill, stop)))
        watch.start()
        again, _, killed_seconds = on_spark(spark, root, study, clients)
        stop.set()
        watch.join()
        spark.stop()
    finally:
        for daemon in reversed(daemons):
            daemon.kill()

    same = all(pairs_of(colofair.Verdict(documents[name])) == alone[name] for name in BROKERS)
    orders = sum(row.orders for row in rows)
    print(
        json.dumps(
            {
                "brokers": len(BROKERS),
                "days": len(rows),
                "matched_orders": orders,
                "state_bytes_an_order": round(sum(row.bytes for row in rows) / orders, 2),
                "verdicts": {name: colofair.Verdict(document).verdict for name, document in sorted(documents.items())},
                "pairs_equal_one_machine": same,
                "killed_after_tasks": killed[0],
                "documents_equal_after_kill": again == documents,
                "seconds": {"one process": round(alone_seconds, 1), "cluster": round(seconds, 1), "cluster, worker killed": round(killed_seconds, 1)},
            },
            indent=1,
        )
    )
    return 0 if same and again == documents and killed[0] else 1


if __name__ == "__main__":
    sys.exit(main())
