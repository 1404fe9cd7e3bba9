"""Every published figure has a way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from zicht.chain import Built, build, explain
from zicht.errors import ZichtError


def test_a_figure_goes_back_to_the_delivery_it_rests_on(built: Built) -> None:
    assert built.release is not None
    found = explain(built.release, "bijstand", "GM9002", "2025")
    assert found.area_name == "Proefdorp"
    assert found.figures[0]["status"] == "ok"
    assert "numerator: bijstand" in found.steps
    register = found.registers[0]
    assert register.rows == {"rows": 1500, "accepted": 1500, "refused": 0}
    assert register.source is not None
    assert register.source["deliverer"] == "Afdeling Burgerzaken"
    assert len(str(register.source["digest"])) == 64
    assert found.protection["profile"] == "microdata"


def test_a_hidden_figure_is_explained_without_its_number(built: Built) -> None:
    assert built.release is not None
    table = built.release.figures("bijstand").to_pylist()
    hidden = next(row for row in table if row["status"] == "primary" and "-" not in row["area"])
    found = explain(built.release, "bijstand", hidden["area"], hidden["period"])
    assert found.figures[0]["value"] is None


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (("bystand", "GM9002", "2025"), "Did you mean bijstand"),
        (("bijstand", "GM0001", "2025"), "no figure for the area `GM0001`"),
        (("bijstand", "GM9002", "1999"), "it has 2025"),
    ],
)
def test_what_the_release_does_not_have_is_said(built: Built, what: tuple[str, str, str], said: str) -> None:
    assert built.release is not None
    with pytest.raises(ZichtError, match=said):
        explain(built.release, *what)


@pytest.fixture
def shown(project: Path) -> Path:
    """The starter, with reports per inhabitant, and a register that brings inhabitants and reports together."""
    (project / "sources" / "meldingen.yaml").write_text(
        """id: meldingen
title: {nl: Meldingen, en: Reports}
deliverer: Beheer
attribution: {nl: "Bron: meldingen", en: "Source: reports"}
pseudonym_domain: inwoners
origin: {file: leveringen/meldingen.csv}
""",
        "utf-8",
    )
    (project / "leveringen" / "meldingen.csv").write_text(
        "melding;jaar;persoon;buurt\n" + "".join(f"{i};2025;P{i:05d};BU90020101\n" for i in range(60)),
        "utf-8",
    )
    contract = """apiVersion: v3.1.0
kind: DataContract
id: {id}
name: {name}
version: 1.0.0
status: active
schema:
  - name: {name}
    customProperties: [{{property: {by}, value: {of}}}, {{property: eenheid, value: {unit}}}, {{property: verwerkingsactiviteit, value: [beleidsinformatie]}}]
    properties:
      - {{name: jaar, logicalType: integer, classification: public, customProperties: [{{property: periode, value: true}}]}}
      - {{name: buurt, logicalType: string, classification: personal, customProperties: [{{property: gebied, value: buurt}}]}}
      - {{name: {column}, logicalType: {type}, classification: {kind}}}
"""
    registers = project / "registers"
    (registers / "meldingen.yaml").write_text(
        contract.format(
            id="a",
            name="meldingen",
            by="bron",
            of="meldingen",
            unit="event",
            column="persoon",
            type="string",
            kind="identifying",
        ),
        "utf-8",
    )
    text = contract.format(
        id="b",
        name="samen",
        by="sql",
        of="samen.sql",
        unit="person",
        column="meldt",
        type="boolean",
        kind="personal",
    )
    (registers / "samen.yaml").write_text(
        text + "      - {name: bijstand, logicalType: boolean, classification: personal}\n", "utf-8"
    )
    (registers / "samen.sql").write_text(
        """with gemeld as (select persoon, count(*) as aantal from meldingen group by persoon)
select p.peiljaar as jaar, p.buurtcode as buurt, p.bijstand, m.persoon is not null as meldt
from inwoners p left join gemeld m on m.persoon = p.persoon_id
""",
        "utf-8",
    )
    purpose = project / "purposes" / "beleidsinformatie.yaml"
    purpose.write_text(purpose.read_text("utf-8").replace("[inwoners]", "[inwoners, meldingen]"), "utf-8")
    indicator = """  - id: {id}
    title: {{nl: {id}, en: {id}}}
    explanation: {{nl: Uitleg., en: Explanation.}}
    unit: {{nl: per duizend, en: per thousand}}
    theme: bevolking
    register: {register}
    purpose: beleidsinformatie
    measure: {measure}
    {key}: {value}
"""
    with (project / "indicators" / "bevolking.yaml").open("a", encoding="utf-8") as file:
        file.write(
            indicator.format(
                id="per_hoofd", register="meldingen", measure="rate", key="per_indicator", value="inwoners"
            )
        )
        file.write(
            indicator.format(id="melders", register="samen", measure="share", key="numerator", value="meldt")
        )
        file.write(
            indicator.format(
                id="bijstand_ook", register="samen", measure="share", key="numerator", value="bijstand"
            )
        )
    return project


def test_an_indicator_names_the_sources_that_it_rests_on_and_no_others(shown: Path) -> None:
    release = build(shown, ["release"]).release
    assert release is not None
    found = {
        item["id"]: ([source["id"] for source in item["sources"]], item["attribution"]["en"])
        for item in release.catalogue["indicators"]  # type: ignore[attr-defined]
    }
    register, reports = "Source: persons register, gemeente Proefdorp", "Source: reports"
    assert found["bijstand"] == (["inwoners"], register)
    assert found["bijstand_ook"] == (["inwoners"], register)
    assert found["melders"] == (["inwoners", "meldingen"], f"{register}; reports")
    assert found["per_hoofd"] == (
        ["meldingen", "inwoners"],
        f"{reports}; persons register, gemeente Proefdorp",
    )


def test_a_rate_goes_back_to_what_it_is_divided_by_too(shown: Path) -> None:
    release = build(shown, ["release"]).release
    assert release is not None
    trail = explain(release, "per_hoofd", "GM9002", "2025").registers
    assert [register.id for register in trail] == ["meldingen", "inwoners"]
