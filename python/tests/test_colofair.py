"""The module against the files it was given and the result it wrote."""

import json
import re
import threading

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import colofair
from colofair import _colofair


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    truth = colofair.simulate("delay", folder, orders=9_000, days=3, seed=5, format="parquet")
    return folder, truth


@pytest.fixture(scope="session")
def result(world):
    return colofair.study(world[0] / "study.toml", world[0] / "out")


FIGURES = ("reconciliation", "groups", "pairs", "stages", "stamps", "curves", "verdict")


def test_what_was_planted_is_found(world, result):
    assert result.verdict == "finding"
    unfair = [(pair["favoured"], pair["disadvantaged"]) for pair in result.pairs if pair["verdict"] == "unfair"]
    assert unfair == [("A", "B")]
    assert result.data["reconciliation"]["matched"] == world[1]["reconciliation"]["matched"]


def arrow(path):
    return pq.read_table(path)


def as_polars(path):
    return polars.read_parquet(path)


def as_pandas(path):
    return pq.read_table(path).to_pandas()


def of_duckdb(path):
    return duckdb.sql(f"select * from read_parquet('{path}')").to_arrow_table()


@pytest.mark.parametrize("read", [arrow, as_polars, as_pandas, of_duckdb])
def test_frames_of_any_library_give_the_figures_of_the_files(world, result, read):
    folder, _ = world
    frames = {side: read(folder / f"{side}.parquet") for side in ("orders", "receipts")}
    given = colofair.study(folder / "study.toml", **frames)
    assert {name: given.data[name] for name in FIGURES} == {name: result.data[name] for name in FIGURES}
    assert given.data["input"]["orders"]["files"][0]["format"] == "frame"


def test_a_column_without_a_value_is_a_column_of_empty_cells(world, result):
    clients = pa.csv.read_csv(world[0] / "clients.csv")
    assert clients.schema.field("to").type == pa.null()
    given = colofair.study(world[0] / "study.toml", clients=clients)
    assert given.pairs == result.pairs


def test_a_frame_is_read_in_place():
    table = pa.table({"sent": pa.array(range(100_000), pa.int64())})
    assert _colofair.buffer_address(table, "sent") == table["sent"].chunk(0).buffers()[1].address
    frame = polars.DataFrame({"sent": range(100_000)})
    assert _colofair.buffer_address(frame, "sent") == frame.to_arrow()["sent"].chunk(0).buffers()[1].address


def by_day(folder):
    """Orders and receipts of each local date: the session of Taipei lies within one UTC date."""
    sides = {side: polars.read_parquet(folder / f"{side}.parquet") for side in ("orders", "receipts")}
    dated = {"orders": "sent_ts", "receipts": "received_ts"}
    for date in sorted(sides["receipts"]["received_ts"].dt.date().unique()):
        yield date, {side: frame.filter(polars.col(dated[side]).dt.date() == date) for side, frame in sides.items()}


def test_days_summarized_apart_give_the_pairs_of_one_run_in_any_tree(world, result):
    folder, _ = world
    config = folder / "study.toml"
    days = [colofair.summarize(config, **part) for _, part in by_day(folder)]
    assert [day.date for day in days] == [str(date) for date, _ in by_day(folder)] and len(days) == 3
    found = colofair.verdict(config, reversed(days))
    assert found.pairs == [{key: value for key, value in pair.items() if key != "comparison"} for pair in result.pairs]
    assert found.data["orders"] == sum(day.orders for day in days) == result.data["reconciliation"]["matched"]
    assert sum(day.orders_read for day in days) == result.data["input"]["orders"]["rows"]
    tree = colofair.merge([days[2], colofair.merge([days[1], days[0]])])
    assert tree == colofair.merge(days) and colofair.verdict(config, [tree]).json == found.json
    assert len(tree) < 14 * found.data["orders"]
    assert "unfair" in found._repr_html_() and "3 days" in repr(found) and found.effects().num_rows == 6


def test_days_that_do_not_belong_together_are_refused(world):
    folder, _ = world
    config = folder / "study.toml"
    parts = [part for _, part in by_day(folder)]
    one, two = (colofair.summarize(config, **part) for part in parts[:2])
    text = config.read_text().replace("alpha = 0.05", "alpha = 0.01")
    for refused in (
        lambda: colofair.verdict(config, [one, one]),
        lambda: colofair.verdict(config, [one, two], text=text),
        lambda: colofair.merge([one, colofair.summarize(config, text=text, **parts[1])]),
        lambda: colofair.merge([one, colofair.summarize(config, subject="another broker", **parts[1])]),
    ):
        with pytest.raises(colofair.ColofairError, match="E0251"):
            refused()
    with pytest.raises(colofair.ColofairError, match="E0252"):
        colofair.merge([one.state[:-1]])
    sides = {side: polars.read_parquet(folder / f"{side}.parquet") for side in ("orders", "receipts")}
    with pytest.raises(colofair.ColofairError, match="E0250"):
        colofair.summarize(config, **sides)


def test_every_row_is_reconciled_to_one_class(world, result):
    table = colofair.reconcile(world[0] / "study.toml")
    counts = {row["values"]: row["counts"] for row in table["class"].value_counts().to_pylist()}
    r = result.data["reconciliation"]
    assert {name: counts.get(name, 0) for name in ("matched", "missing_receipt", "orphan_receipt")} == {
        name: r[name] for name in ("matched", "missing_receipt", "orphan_receipt")
    }
    matched = table.filter(pc.equal(table["class"], "matched"))
    assert matched["latency"].to_pylist() == [
        sent.value - received.value for sent, received in zip(matched["sent_at"].to_pandas(), matched["received_at"].to_pandas())
    ]


def test_pseudonyms_leave_no_client_in_what_is_written(world, result, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(bytes(range(32)))
    hidden = colofair.study(world[0] / "study.toml", tmp_path / "out", pseudonyms=key)
    clients = {row["client"] for row in result.data["beside"]["clients"]}
    shown = {row["client"] for row in hidden.data["beside"]["clients"]}
    assert clients and not clients & shown
    assert [(pair["verdict"], pair["median_gap"]) for pair in hidden.pairs] == [(pair["verdict"], pair["median_gap"]) for pair in result.pairs]
    with pytest.raises(colofair.ColofairError, match="E0412"):
        colofair.study(world[0] / "study.toml", pseudonyms=tmp_path / "nowhere")


def test_the_lock_is_released_while_a_study_runs(world):
    running, ticks, seen = threading.Event(), 0, []

    def study():
        running.set()
        seen.append(colofair.study(world[0] / "study.toml").verdict)

    thread = threading.Thread(target=study)
    thread.start()
    running.wait()
    while thread.is_alive():
        ticks += 1
    assert seen == ["finding"] and ticks > 1_000


def test_errors_carry_the_text_of_the_program(world, tmp_path):
    with pytest.raises(colofair.ColofairError, match=r"E0100"):
        colofair.study(tmp_path / "nowhere.toml")
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        colofair.study(world[0] / "study.toml", orders=[1, 2, 3])
    renamed = pq.read_table(world[0] / "orders.parquet").rename_columns({"sent_ts": "sent"})
    with pytest.raises(colofair.ColofairError, match="E0206"):
        colofair.study(world[0] / "study.toml", orders=renamed)


def test_tables_are_those_of_the_folder(world, result):
    assert result.table("exceptions").num_rows == sum(
        table["rows"] for table in result.data["tables"] if table["path"] == "tables/exceptions.parquet"
    )
    assert result.frame("groups").column("p50").to_pylist() == [group["p50"] for group in result.groups]
    effects = result.effects().to_pandas()
    assert isinstance(effects, pandas.DataFrame) and set(effects["measure"]) == {"median_gap", "tail_excess", "overtaking"}
    assert json.loads((result.out / "result.json").read_text()) == colofair.load(result.out).data


def test_charts_and_result_draw_in_a_notebook(result):
    chart = result.chart("groups")
    assert re.match(r"<svg [^>]*role=\"img\"", chart._repr_svg_()) and chart.svg.endswith("</svg>")
    assert "unfair" in result._repr_html_() and "FINDING" in repr(result)
    with pytest.raises(KeyError):
        result.chart("nothing")


def test_an_output_of_its_own_is_gone_with_the_result(world):
    found = colofair.check(world[0] / "study.toml")
    out = found.out
    assert out.exists() and found.data["tool"]["command"] == "check"
    found._scratch.cleanup()
    assert not out.exists()


def test_a_folder_of_the_users_is_left_alone(tmp_path):
    mine = tmp_path / "orders.csv"
    mine.write_text("mine")
    with pytest.raises(colofair.ColofairError, match="E0401"):
        colofair.simulate("fair", tmp_path, orders=100)
    assert mine.read_text() == "mine" and list(tmp_path.iterdir()) == [mine]
    for wrong, error in (({"orders": -1}, ValueError), ({"orders": 0}, colofair.ColofairError), ({"seed": 1 << 64}, ValueError)):
        with pytest.raises(error):
            colofair.simulate("fair", tmp_path / "new", **wrong)


def test_a_first_look_is_not_called_inconclusive(world):
    looked = colofair.check(world[0] / "study.toml")
    assert not looked.judged and "not judged" in repr(looked) and "INCONCLUSIVE" not in looked._repr_html_()
    assert looked.effects().num_rows == 0 and "measure" in looked.effects().column_names
    with pytest.raises(ValueError, match="writes no report"):
        looked.chart("groups")


def test_rows_that_cannot_be_read_are_counted_aloud(world):
    orders, receipts = (pq.read_table(world[0] / f"{side}.parquet") for side in ("orders", "receipts"))
    times = orders["sent_ts"].to_pylist()
    broken = orders.set_column(orders.column_names.index("sent_ts"), "sent_ts", pa.array([None] * 3 + times[3:], orders["sent_ts"].type))
    with pytest.warns(UserWarning, match="3 rows of the orders"):
        table = colofair.reconcile(world[0] / "study.toml", orders=broken, receipts=receipts)
    assert table.num_rows == colofair.reconcile(world[0] / "study.toml").num_rows


def test_columns_of_one_name_and_dictionaries_of_what_no_column_may_be_are_refused(world):
    orders, receipts = (pq.read_table(world[0] / f"{side}.parquet") for side in ("orders", "receipts"))
    study = world[0] / "study.toml"
    twice = pa.table([orders["account"], *orders.columns], names=["sent_ts", *orders.column_names])
    with pytest.raises(colofair.ColofairError, match="E0206"):
        colofair.check(study, orders=twice, receipts=receipts)
    place = orders.column_names.index("account")
    floats = pa.array([float(at % 50) for at in range(orders.num_rows)])
    for column in (floats, floats.dictionary_encode()):
        with pytest.raises(colofair.ColofairError, match="E0210"):
            colofair.check(study, orders=orders.set_column(place, "account", column), receipts=receipts)
    with pytest.raises(colofair.ColofairError, match="E0210"):
        stamps = orders["sent_ts"].combine_chunks().dictionary_encode()
        colofair.check(study, orders=orders.set_column(orders.column_names.index("sent_ts"), "sent_ts", stamps), receipts=receipts)


def test_a_stream_that_calls_python_from_other_threads_does_not_wait_for_ever(world, tmp_path):
    orders, receipts = (pq.read_table(world[0] / f"{side}.parquet") for side in ("orders", "receipts"))

    def slices():
        for start in range(0, orders.num_rows, 500):
            # Another thread has to get the lock before the stream goes on.
            beside = threading.Thread(target=str)
            beside.start()
            beside.join()
            yield from orders.slice(start, 500).combine_chunks().to_batches()

    stream = pa.RecordBatchReader.from_batches(orders.schema, slices())
    assert colofair.check(world[0] / "study.toml", orders=stream, receipts=receipts).groups


def test_a_fork_of_a_process_that_computed_is_refused(result):
    import multiprocessing
    import warnings

    assert result.groups
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with multiprocessing.get_context("fork").Pool(1) as pool:
            assert "E0009" in pool.apply_async(_refused_in_a_fork, (str(result.out.parent / "study.toml"),)).get(60)


def _refused_in_a_fork(study):
    try:
        colofair.check(study)
    except colofair.ColofairError as error:
        return str(error)
    return "not refused"


def test_results_in_a_temporary_folder_do_not_travel(world, result):
    import copy
    import pickle

    with pytest.raises(TypeError, match="out="):
        pickle.dumps(colofair.check(world[0] / "study.toml"))
    assert pickle.loads(pickle.dumps(result)).data == copy.deepcopy(result).data


def test_days_are_days_and_not_something_alike(world):
    for wrong in (["2026.day"], [3], "2026.day", b"bytes"):
        with pytest.raises(TypeError, match="day"):
            colofair.merge(wrong)


def test_names_in_a_notebook_steer_nothing(result):
    from colofair._result import pairs_html

    assert result.frame("groups").num_rows == 2
    with pytest.raises(KeyError, match="groups"):
        result.frame("verdict")
    pair = {"favoured": "<b>\x1b[31m", "disadvantaged": "B", "verdict": "fair", "median_gap": None}
    assert "<b>\x1b" not in pairs_html("FINDING", "t", [pair]) and "\x1b" not in pairs_html("FINDING", "t", [pair])
