"""A build with figures: what stands in for origin is refused, and what is told of groups names nobody and is rounded."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from gate_folder import TODAY, Folder
from profiled_city import BUURTEN, a_city

from zicht.chain import build, make_key
from zicht.errors import DeclarationError
from zicht.findings import FINDINGS

DECIDED = {
    "by": "Functionaris gegevensbescherming",
    "on": "2026-01-05",
    "why": "Nodig om te zien wie iets misloopt.",
}


def built(folder: Folder) -> Path:
    make_key(folder.path)
    done = build(folder.path, ["release"], today=TODAY)
    assert done.release is not None
    return done.release.path


def justified(folder: Folder, ground: str) -> None:
    product = folder.read("products/proef.yaml")
    findings = [{**one, "justified": [{**DECIDED, "ground": ground}]} for one in product["findings"]]
    folder.change("products/proef.yaml", findings=findings)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of a city in which nothing stands in for anything; not to be changed."""
    return built(a_city(tmp_path_factory.mktemp("neutraal") / "poging", proxy=False))


def groups(release: Path) -> list[dict[str, object]]:
    table = pq.read_table(release / "findings.parquet")
    return table.filter(pc.equal(table["finding"], "groepen")).to_pylist()


def test_the_planted_pair_is_found_and_told_in_rounded_numbers(released: Path) -> None:
    found = {row["group"]: row for row in groups(released)}
    pair = found[json.dumps({"werk": "ja", "kanaal": "a"})]
    assert pair["estimate"] == pytest.approx(2.5 / (1 + 0.24 * 1.5), rel=0.2)
    for row in found.values():
        assert row["observed"] % 5 == 0
        assert row["expected"] == float(f"{row['expected']:.2g}")
        assert row["estimate"] == row["observed"] / row["expected"]
        assert row["lower"] > 1
        assert row["relevant"]
        assert (row["area"], row["statistic"]) == (None, None)


def test_no_pseudonym_and_no_count_by_characteristics_leaves_the_build(released: Path) -> None:
    store = released.parents[1]
    known = pa.concat_tables(
        pq.read_table(path, columns=["persoon_id"])
        for path in store.rglob("accepted.parquet")
        if "persoon_id" in pq.read_schema(path).names
    )["persoon_id"].to_pylist()
    assert len(known) == len(BUURTEN) * 150
    everything = b"".join(path.read_bytes() for path in released.rglob("*") if path.is_file())
    assert not any(one.encode() in everything for one in known[:200])
    assert pq.read_schema(released / "findings.parquet").equals(FINDINGS)
    assert not [path for path in released.rglob("*") if "cube" in path.name or "described" in path.name]


def test_the_release_says_what_the_guard_tried(released: Path) -> None:
    (tried,) = json.loads((released / "evidence/guard.json").read_text("utf-8"))["groepen"]["grounds"]
    assert (tried["ground"], tried["refused"], tried["justified"]) == ("herkomst", False, None)
    assert tried["auc"] < 0.75


def test_what_stands_in_for_origin_is_refused_with_place_reason_and_way_and_cannot_be_justified(
    tmp_path: Path,
) -> None:
    folder = a_city(tmp_path / "poging", proxy=True)
    with pytest.raises(DeclarationError) as error:
        built(folder)
    said = str(error.value)
    assert said.startswith("products/proef.yaml:")
    assert "describes by what stands in for herkomst" in said
    assert "`kanaal=a` alone AUC" in said
    assert "→ personen.kanaal" in said
    assert "Nothing that stands in for race, ethnicity, nationality or origin can be justified" in said
    justified(folder, "herkomst")
    assert "`herkomst` cannot be justified" in folder.refusals()


def test_what_stands_in_for_another_ground_needs_a_decision_that_is_published(tmp_path: Path) -> None:
    folder = a_city(tmp_path / "poging", proxy=True, ground="leeftijd")
    with pytest.raises(DeclarationError, match=r"Or write under `justified` who decided .*ground: leeftijd"):
        built(folder)
    justified(folder, "leeftijd")
    release = built(folder)
    (tried,) = json.loads((release / "evidence/guard.json").read_text("utf-8"))["groepen"]["grounds"]
    assert (tried["refused"], tried["justified"]) == (True, "Functionaris gegevensbescherming")
