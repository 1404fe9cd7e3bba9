"""A project whose buurten are split, merged and moved between two divisions, as a folder that can be built over either."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.chain import build, mark_published
from zicht.figures import TOTAL
from zicht.release import Release

PROJECT = """
zicht: 1
id: dorp
title: {nl: Dorp}
description: {nl: Een dorp.}
organisation: {name: Dorp, url: https://dorp.example, email: data@dorp.example}
languages: [nl]
areas:
  division: DIVISION
  levels:
    - {level: gemeente, source: gebieden, code: gemeente, name: gemeente}
    - {level: wijk, source: gebieden, code: wijk, name: wijk}
    - {level: buurt, source: gebieden, code: buurt, name: buurt}
themes: [{id: bevolking, title: {nl: Bevolking}}]
"""
SOURCE = """
id: NAME
title: {nl: NAME}
deliverer: Dorp
personal: PERSONAL
origin: {file: leveringen/NAME.csv}
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: 6f0c2a9e-51d5-4d0c-8a3c-6f3f0f9d2a01
name: Inwoners
version: 1.0.0
status: active
schema:
  - name: inwoners
    customProperties: [{property: bron, value: inwoners}, {property: eenheid, value: person}, {property: verwerkingsactiviteit, value: [cijfers]}]
    properties:
      - {name: id, logicalType: string, primaryKey: true, classification: identifying}
      - {name: jaar, logicalType: integer, classification: public, customProperties: [{property: periode, value: true}]}
      - {name: geslacht, logicalType: string, classification: personal}
      - {name: inkomen, logicalType: number, classification: personal}
"""
PURPOSE = """
id: cijfers
version: 1
valid_from: "2020-01-01"
title: Cijfers
aim: Weten wie er woont
purpose: ["dpv:PublicPolicyMaking"]
legal_basis: ["eu-gdpr:A6-1-e"]
legal_basis_text: Gemeentewet artikel 108
controller: {name: Dorp, id: "https://identifier.overheid.nl/tooi/id/gemeente/gm9002"}
dpo_contact: fg@dorp.example
data_subjects: [{title: inwoners, term: "dpv:Citizen"}]
categories: [{title: inkomen, term: "pd:Income"}]
retention: P99Y
retention_basis: de proef
processing: ["dpv:Aggregate"]
measures: [{title: beveiliging, term: "dpv:Anonymisation", kind: technisch}]
dpia: {status: niet-nodig}
registers: [inwoners]
"""
COLUMN = "      - {name: b%s, logicalType: string, classification: personal, customProperties: [%s]}\n"
INDICATORS = """
dimensions:
  - id: geslacht
    title: {nl: Geslacht}
    sql: geslacht
    categories: [{id: M, title: {nl: man}}, {id: V, title: {nl: vrouw}}]
indicators:
  - {id: inwoners, title: {nl: Inwoners}, explanation: {nl: Wie er woont.}, unit: {nl: inwoners}, theme: bevolking, register: inwoners, purpose: cijfers, measure: count, by: [geslacht]}
  - {id: vrouwen, title: {nl: Vrouwen}, explanation: {nl: Deel.}, unit: {nl: "%"}, theme: bevolking, register: inwoners, purpose: cijfers, measure: share, numerator: geslacht = 'V'}
  - {id: inkomen, title: {nl: Inkomen}, explanation: {nl: Som.}, unit: {nl: euro}, theme: bevolking, register: inwoners, purpose: cijfers, measure: sum, value: inkomen}
"""
MOVES = """
    b2024      | b2025      | M  | V
    -----------+------------+----+---
    BU90020101 | BU90020101 | 60 | 57
    BU90020101 | BU90020102 | 1  | 2
    BU90020102 | BU90020102 | 50 | 61
    BU90020103 | BU90020103 | 44 | 45
    BU90020103 | BU90020104 | 3  | 4
    BU90020201 | BU90020201 | 70 | 71
    BU90020202 | BU90020201 | 40 | 38
    BU90020203 | BU90020203 | 80 | 82
    BU90020203 | BU90020201 | 4  | 2
    BU90020204 | BU90020204 | 33 | 66
"""
"""Who moved: a border by a street, a buurt split off, a buurt merged into another that got a street of a third, and one that stayed."""


class TwoDivisions:
    """The project, in a folder."""

    def __init__(self, folder: Path, moves: str = MOVES) -> None:
        """Write all but what differs between divisions."""
        self.folder = folder
        names, _, *lines = [[cell.strip() for cell in line.replace("+", "|").split("|")] for line in moves.strip().splitlines()]  # fmt: skip
        self.atoms = [dict(zip(names, line, strict=True)) for line in lines]
        self.years = [int(name[1:]) for name in names if name.startswith("b")]
        for name in ("sources", "registers", "indicators", "purposes", "leveringen"):
            (folder / name).mkdir(parents=True)
        for name, personal in (("gebieden", "none"), ("inwoners", "ordinary")):
            text = SOURCE.replace("NAME", name).replace("PERSONAL", personal)
            (folder / "sources" / f"{name}.yaml").write_text(text, "utf-8")
        (folder / "indicators" / "alle.yaml").write_text(INDICATORS, "utf-8")
        (folder / "purposes" / "cijfers.yaml").write_text(PURPOSE, "utf-8")
        self.write_people(self.atoms)

    def write_people(self, atoms: Sequence[dict[str, str]]) -> None:
        """Deliver the register, one row a person."""
        rows, number = [], 0
        for atom in atoms:
            for sex in "MV":
                for _ in range(int(atom[sex])):
                    number += 1
                    codes = ";".join(atom[f"b{year}"] for year in self.years)
                    rows.append(f"p{number};2023;{sex};{20_000 + number % 97 * 100};{codes}")
        header = ";".join(["id;jaar;geslacht;inkomen", *(f"b{year}" for year in self.years)])
        text = "\n".join([header, *rows])
        (self.folder / "leveringen" / "inwoners.csv").write_text(text + "\n", "utf-8")

    def release(self, division: int, earlier: Sequence[int] = ()) -> Release:
        """Build over a division, with the columns of the register that hold codes of `earlier` ones marked."""
        codes = sorted({atom[f"b{division}"] for atom in self.atoms} - {""})
        rows = [f"{code};WK{code[2:8]};GM{code[2:6]}" for code in codes]
        text = "\n".join(["buurt;wijk;gemeente", *rows])
        (self.folder / "leveringen" / "gebieden.csv").write_text(text + "\n", "utf-8")
        (self.folder / "zicht.yaml").write_text(PROJECT.replace("DIVISION", str(division)), "utf-8")
        columns = [COLUMN % (division, "{property: gebied, value: buurt}")]
        for year in self.years:
            marks = f"{{property: gebied, value: buurt}}, {{property: indeling, value: {year}}}"
            if year in earlier:
                columns.append(COLUMN % (year, marks))
            elif year != division:
                columns.append(COLUMN.replace(", customProperties: [%s]", "") % year)
        (self.folder / "registers" / "inwoners.yaml").write_text(CONTRACT + "".join(columns), "utf-8")
        made = build(self.folder, ["release"]).release
        assert made is not None
        return made

    def known(self, release: Release, division: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """What a release says of numbers of people: a row for each figure, with 1 for each atom × sex that it counts."""
        column = f"b{division}"
        rows = []
        for id_ in ("inwoners", "vrouwen", "inkomen"):
            figures = release.figures(id_)
            for figure in figures.filter(pc.equal(figures["status"], "ok")).to_pylist():
                inside = [_lies_in(atom[column], figure["area"]) for atom in self.atoms]
                sex = figure.get("geslacht", TOTAL)
                rows.append([float(here and sex in (one, TOTAL)) for here in inside for one in "MV"])
                if id_ == "vrouwen":
                    rows.append([float(here and one == "V") for here in inside for one in "MV"])
        return np.array(rows)

    @property
    def units(self) -> list[int]:
        """The people of each atom × sex."""
        return [int(atom[sex]) for atom in self.atoms for sex in "MV"]


def _lies_in(buurt: str, area: str) -> bool:
    buurt = buurt or "BU9002----"
    return area in (buurt, f"WK{buurt[2:8]}", f"GM{buurt[2:6]}")


def publish(release: Release, project: TwoDivisions, day: str) -> None:
    """Put a release among those that are public."""
    mark_published(release, project.folder, dt.date.fromisoformat(day))


def shown(release: Release, indicator: str) -> set[str]:
    """The areas in which the total of an indicator is shown."""
    figures = release.figures(indicator)
    figures = figures.filter(pc.equal(figures["status"], "ok"))
    if "geslacht" in figures.column_names:
        figures = figures.filter(pc.equal(figures["geslacht"], TOTAL))
    return set(pa.Table.to_pydict(figures)["area"])
