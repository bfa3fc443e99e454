"""Study-days on Spark in local mode against one machine. The standalone cluster, with a worker killed: tests/cluster of the repository."""

import importlib.util
import os
import shutil
import sys

import pyarrow as pa
import pyarrow.csv
import pytest

import colofair

MISSING = [name for name, there in {"pyspark": importlib.util.find_spec("pyspark"), "Java": shutil.which("java")}.items() if not there]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed")

BROKERS = {"Harbour": ("delay", 61), "Summit": ("fair", 62)}


@pytest.fixture(scope="module")
def spark():
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1")
    # A session far from Taipei: the trading day must not follow it.
    builder = builder.config("spark.sql.session.timeZone", "America/New_York").config("spark.sql.shuffle.partitions", "4")
    session = builder.config("spark.sql.legacy.parquet.nanosAsLong", "true").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def simulated(root, format):
    for name, (world, seed) in BROKERS.items():
        delay = "100us" if world == "delay" else None
        colofair.simulate(world, root / name, orders=6_000, days=3, seed=seed, delay=delay, format=format)
    books = [pa.csv.read_csv(root / name / "clients.csv") for name in BROKERS]
    clients = pa.concat_tables([book.append_column("broker", pa.array([name] * len(book))) for name, book in zip(BROKERS, books)])
    return (root / "Harbour" / "study.toml").read_text(), clients


def side(spark, root, name, format):
    from pyspark.sql import functions as F

    def read(broker):
        reader = spark.read.option("header", True) if format == "csv" else spark.read
        return getattr(reader, format)(str(root / broker / f"{name}.{format}")).withColumn("broker", F.lit(broker))

    one, other = map(read, BROKERS)
    return one.unionByName(other)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_brokers_judged_on_spark_get_the_bytes_of_one_machine(spark, tmp_path, format):
    import colofair.spark

    study, clients = simulated(tmp_path, format)
    days = colofair.spark.summarize(
        side(spark, tmp_path, "orders", format).repartition(3), side(spark, tmp_path, "receipts", format), study, clients=clients
    )
    rows = days.collect()
    assert sorted({(row.broker, str(row.trade_date)) for row in rows}) == [
        (name, date) for name in BROKERS for date in ("2026-01-05", "2026-01-06", "2026-01-07")
    ]
    judged = {row.broker: row for row in colofair.spark.verdict(days, study).collect()}
    for name in BROKERS:
        own = [bytes(row.state) for row in rows if row.broker == name]
        assert judged[name].document == colofair.verdict("study.toml", own, text=study).json
        whole = colofair.study(tmp_path / name / "study.toml")
        pairs = [{key: value for key, value in pair.items() if key != "comparison"} for pair in whole.pairs]
        assert colofair.Verdict(judged[name].document).pairs == pairs
        assert judged[name].orders == whole.data["reconciliation"]["matched"] == sum(row.orders for row in rows if row.broker == name)
    assert judged["Harbour"].verdict == "finding" != judged["Summit"].verdict


def test_an_error_within_a_task_names_broker_day_and_code(spark, tmp_path):
    import colofair.spark

    study, clients = simulated(tmp_path, "csv")
    orders, receipts = (side(spark, tmp_path, name, "csv") for name in ("orders", "receipts"))
    none = receipts.where("not (broker = 'Summit' and received_ts like '2026-01-06%')")
    with pytest.raises(Exception, match=r"broker Summit, 2026-01-06: error\[E0214\]"):
        colofair.spark.summarize(orders, none, study, clients=clients).collect()
    days = colofair.spark.summarize(orders, receipts, study, clients=clients)
    with pytest.raises(Exception, match=r"broker Harbour: error\[E0251\]"):
        colofair.spark.verdict(days.where("broker = 'Harbour'").union(days.where("broker = 'Harbour'")), study).collect()
    with pytest.raises(TypeError, match="account"):
        colofair.spark.summarize(orders.withColumn("account", orders.qty.cast("int")), receipts, study, sent_at="account")


def test_rows_that_no_day_can_hold_are_named_and_brokers_are_names(spark, tmp_path):
    import colofair.spark
    from pyspark.sql import functions as F

    study, clients = simulated(tmp_path, "parquet")
    orders, receipts = (side(spark, tmp_path, name, "parquet") for name in ("orders", "receipts"))
    with pytest.raises(TypeError, match="must be a string"):
        colofair.spark.summarize(orders.withColumn("broker", F.lit(3)), receipts, study)
    timeless = receipts.limit(1).withColumn("received_ts", F.lit(None).cast(receipts.schema["received_ts"].dataType))
    nobodys = receipts.limit(1).withColumn("broker", F.lit(None).cast("string"))
    # Where receipts alone lack it, Spark fails before us: its comparison of two groups' keys takes the first side's to be there.
    nobodys_orders = orders.unionByName(orders.limit(1).withColumn("broker", F.lit(None).cast("string")))
    for left, rows, said in ((orders, timeless, "no date that can be read"), (nobodys_orders, nobodys, "have no broker")):
        with pytest.raises(Exception, match=said):
            colofair.spark.summarize(left, receipts.unionByName(rows), study, clients=clients).collect()
