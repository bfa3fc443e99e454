"""The module against the files it was given and the result it wrote."""

import json
import re

import pandas
import polars
import pyarrow as pa
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


@pytest.mark.parametrize("read", [arrow, as_polars, as_pandas])
def test_frames_of_any_library_give_the_figures_of_the_files(world, result, read):
    folder, _ = world
    frames = {side: read(folder / f"{side}.parquet") for side in ("orders", "receipts")}
    given = colofair.study(folder / "study.toml", **frames)
    assert {name: given.data[name] for name in FIGURES} == {name: result.data[name] for name in FIGURES}
    assert given.data["input"]["orders"]["files"][0]["format"] == "frame"


def test_a_frame_is_read_in_place():
    table = pa.table({"sent": pa.array(range(100_000), pa.int64())})
    assert _colofair.buffer_address(table, "sent") == table["sent"].chunk(0).buffers()[1].address
    frame = polars.DataFrame({"sent": range(100_000)})
    assert _colofair.buffer_address(frame, "sent") == frame.to_arrow()["sent"].chunk(0).buffers()[1].address


def test_days_summarized_apart_give_the_pairs_of_one_run(world, result):
    folder, _ = world
    config = folder / "study.toml"
    sides = {side: polars.read_parquet(folder / f"{side}.parquet") for side in ("orders", "receipts")}
    local = {"orders": "sent_ts", "receipts": "received_ts"}
    days = []
    for date in sorted(sides["receipts"]["received_ts"].dt.date().unique()):
        part = {side: frame.filter(polars.col(local[side]).dt.date() == date) for side, frame in sides.items()}
        days.append(colofair.summarize(config, **part))
    assert len(days) == 3
    whole = [{key: value for key, value in pair.items() if key != "comparison"} for pair in result.pairs]
    assert colofair.verdict(config, reversed(days)) == whole
    with pytest.raises(colofair.ColofairError, match="E0251"):
        colofair.verdict(config, [days[0], days[0]])
    with pytest.raises(colofair.ColofairError, match="E0250"):
        colofair.summarize(config, **sides)


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
