"""A pack brings a phenomenon into a project whole, or changes nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import zicht.demo
from zicht.cli.app import app
from zicht.declare import OtherLimit, Project, check_expression, check_query, read_project
from zicht.demo import add_pack, packs
from zicht.errors import DeclarationError, ZichtError

DEMO = Path(zicht.demo.__file__).parent
PACKS = {pack.id: pack for pack in packs()}


@pytest.fixture(scope="module")
def whole() -> Project:
    return read_project(DEMO / "voorbeeldstad")


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """Voorbeeldstad before it took over any pack."""
    folder = Path(shutil.copytree(DEMO / "voorbeeldstad", tmp_path / "stad"))
    for path in [*folder.glob("products/*"), *folder.glob("indicators/*")]:
        if path.name != "bevolking.yaml":
            path.unlink()
    for file in {file for pack in packs() for file in pack.files}:
        (folder / file).unlink(missing_ok=True)
    shutil.rmtree(folder / "papers")
    shutil.rmtree(folder / "algorithms")
    purposes = {
        "vastgoed": ", aankopen, koopwoningen, woningeigenaren",
        "bevolking_en_wonen": ", logiesadressen",
    }
    for name, registers in purposes.items():
        path = folder / "purposes" / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace(registers, ""), "utf-8")
    return folder


def test_a_pack_brings_what_voorbeeldstad_has_and_a_second_time_nothing(
    without: Path, whole: Project
) -> None:
    first = add_pack(without, "doorsluiswoningen")
    assert first.written == PACKS["doorsluiswoningen"].files
    project = read_project(without)
    for id_ in ("doorsluiswoningen", "koopwoningen_naar_verkopen"):
        assert project.indicators[id_] == whole.indicators[id_]
    assert project.products["doorsluiswoningen"] == whole.products["doorsluiswoningen"]
    again = add_pack(without, "doorsluiswoningen")
    assert (again.written, again.kept) == ((), first.written)


def unreadable(name: str, needs: dict[str, tuple[str, ...]], whole: Project) -> list[str]:
    """What the SQL of a pack names that is not in a project with just these columns."""
    stems = {Path(file).stem for file in PACKS[name].files if file.endswith(".sql")}
    told = [mistake.what for stem in stems for mistake in check_query(whole.register_sql[stem], needs)]
    (indicators,) = (file for file in PACKS[name].files if file.startswith("indicators/"))
    for (kind, id_), written in whole.written.items():
        register = whole.indicators[id_].register_ if kind == "indicators" else ""
        if written.document.file != indicators or register not in needs:
            continue
        columns = dict.fromkeys(needs[register], "string")
        by = [whole.dimensions[one].sql for one in whole.indicators[id_].by]
        asked = [whole.indicators[id_].population, whole.indicators[id_].numerator, *by]
        told += [
            mistake.what for sql in asked if sql is not None for mistake in check_expression(sql, columns)
        ]
    return told


@pytest.mark.parametrize("name", list(PACKS))
def test_a_pack_asks_for_the_columns_that_its_files_read_and_no_others(name: str, whole: Project) -> None:
    needs = {register: tuple(columns) for register, columns in PACKS[name].needs.items()}
    assert unreadable(name, needs, whole) == []
    read = "".join((DEMO / "voorbeeldstad" / file).read_text("utf-8") for file in PACKS[name].files)
    assert [
        column for columns in needs.values() for column in columns if not re.search(rf"\b{column}\b", read)
    ] == []


def test_a_pack_goes_under_the_purpose_and_theme_of_the_project(without: Path) -> None:
    add_pack(without, "woningbezit", purpose="bevolking_en_wonen", theme="wonen")
    project = read_project(without)
    for id_ in ("meer_woningen", "huishoudens_naar_bezit"):
        assert (project.indicators[id_].purpose, project.indicators[id_].theme) == (
            "bevolking_en_wonen",
            "wonen",
        )
    assert project.products["woningbezit"].purposes == ("bevolking_en_wonen",)


def test_all_that_the_project_lacks_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DEMO / "starter", tmp_path / "dorp"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(DeclarationError) as found:
        add_pack(folder, "onverklaarbare_aankopen")
    told = "\n".join(str(problem) for problem in found.value.problems)
    assert "needs a register `woningtransacties` with jaar, buurtcode, koopsom" in told
    assert "uses data for purpose `vastgoed`, which is not declared." in told
    assert "stands under theme `vastgoed`, which is not declared." in told
    with pytest.raises(
        DeclarationError,
        match="needs column leeftijd, verdacht, eerste_keer of register `inwoners`",
    ):
        add_pack(folder, "jonge_aanwas", purpose="beleidsinformatie", theme="bevolking")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_file_of_your_own_is_never_written_over(without: Path) -> None:
    mine = without / "indicators" / "stapeling.yaml"
    mine.write_text("indicators: []\n", "utf-8")
    with pytest.raises(DeclarationError, match=r"indicators/stapeling.yaml"):
        add_pack(without, "stapeling")
    assert mine.read_text("utf-8") == "indicators: []\n"
    assert not (without / "products" / "stapeling_van_regelingen.yaml").exists()


def test_an_id_that_is_taken_leaves_the_folder_as_it_was(without: Path) -> None:
    path = without / "indicators" / "bevolking.yaml"
    path.write_text(path.read_text("utf-8").replace("id: aandeel_kinderen", "id: meer_woningen"), "utf-8")
    for product in (without / "products").glob("*.yaml"):
        product.write_text(product.read_text("utf-8").replace("aandeel_kinderen", "aandeel_ouderen"), "utf-8")
    with pytest.raises(DeclarationError, match="declared twice"):
        add_pack(without, "woningbezit")
    assert not any((without / file).exists() for file in PACKS["woningbezit"].files)


def test_there_is_no_pack_of_another_name(tmp_path: Path) -> None:
    with pytest.raises(ZichtError, match="There is no pack `vakantiepark`; there are doorsluiswoningen"):
        add_pack(tmp_path, "vakantiepark")


@pytest.mark.parametrize("name", list(PACKS))
def test_each_pack_shows_its_definition_what_another_limit_changes_and_what_it_is_no_proof_of(
    name: str, whole: Project
) -> None:
    (path,) = [file for file in PACKS[name].files if file.startswith("products/")]
    product = whole.products[Path(path).stem]
    assert any(isinstance(finding, OtherLimit) for finding in product.findings)
    indicators = [whole.indicators[id_] for id_ in product.indicators]
    if name != "stapeling":  # which nobody can be blamed for
        assert all(finding.phenomenon for finding in product.findings)
        assert any(indicator.phenomenon for indicator in indicators)
        assert "geen bewijs van een misstand" in product.text.nl  # type: ignore[union-attr]
    if PACKS[name].purpose == "veiligheid":
        assert all(indicator.enforcement for indicator in indicators)


def test_the_command_lists_and_adds_packs(without: Path) -> None:
    listed = CliRunner().invoke(app, ["pack", "list"])
    assert listed.exit_code == 0
    assert "doorsluiswoningen  Homes sold on often" in listed.output
    added = CliRunner().invoke(app, ["pack", "add", "stapeling", str(without), "--json"])
    assert added.exit_code == 0, added.output
    assert "indicators/stapeling.yaml" in added.output
    refused = CliRunner().invoke(app, ["pack", "add", "geen", str(without)])
    assert refused.exit_code == 1
