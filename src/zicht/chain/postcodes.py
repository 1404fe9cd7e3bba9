"""The table of postcodes for the search box of the site: in which areas the addresses of each lie, and nothing more.

It holds no counts. A postcode is told of an area only where at least so many of its addresses lie there as zicht.yaml says; the four digits are judged by
themselves, so that they find an area of which no whole postcode is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.areas import Areas
from zicht.chain.geography import load_areas
from zicht.declare import Project, Register
from zicht.engine import Progress, Step, code_digest
from zicht.intake import ACCEPTED

POSTCODES = "postcodes"
"""The name of the step, and of the part of the evidence."""
_WHOLE = r"^[0-9]{4}([A-Z]{2})?$"
_DIGITS = 4


def postcode_steps(project: Project) -> list[Step]:
    """The step that makes the table of postcodes; none where the project declares none.

    Args:
        project: the project, of which the declarations hold.
    """
    declared = project.file.site.postcodes
    if declared is None:
        return []
    register = project.registers[declared.register_]

    def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
        areas = load_areas(inputs["areas"])
        rows = pq.read_table(
            inputs[f"register/{register.id}"] / ACCEPTED, columns=_columns(register, declared.column)
        )
        table = table_of_postcodes(
            latest_rows(rows, register), register, declared.column, areas, declared.least
        )
        (out / f"{POSTCODES}.json").write_text(json.dumps(table, sort_keys=True), "utf-8")

    said = {"postcodes": declared.model_dump(mode="json"), "contract": register.document.value}
    needs = (f"register/{register.id}", f"norms/{register.id}", "areas")
    return [
        Step(POSTCODES, run, needs, said, {}, code_digest("chain", "areas"), "in which areas postcodes lie")
    ]


def read_postcodes(inputs: Mapping[str, Path]) -> dict[str, object]:
    """The table among the results of steps (`inputs`), as a part of the evidence; empty where the project has none."""
    if POSTCODES not in inputs:
        return {}
    return {POSTCODES: json.loads((inputs[POSTCODES] / f"{POSTCODES}.json").read_text("utf-8"))}


def latest_rows(rows: pa.Table, register: Register) -> pa.Table:
    """The rows of the last period of a register, all of them where it has no periods.

    Args:
        rows: of the register.
        register: its contract.
    """
    period = register.period_column
    return rows if period is None else rows.filter(pc.equal(rows[period.name], pc.max(rows[period.name])))


def table_of_postcodes(
    rows: pa.Table, register: Register, column: str, areas: Areas, least: int
) -> dict[str, object]:
    """In which areas the addresses of each postcode lie.

    Args:
        rows: one an address.
        register: its contract.
        column: with postcodes; spaces and small letters in them do not matter, and what is no postcode is passed over.
        areas: the division; addresses whose area is not in it are passed over.
        least: so many addresses of a postcode must lie in an area.

    Returns:
        `areas`, codes; and `of`, by the four digits and then the letters (none: the digits alone) the numbers of areas, most addresses first.
    """
    code = str(register.area_column and register.area_column.name)
    found = pc.utf8_upper(pc.replace_substring(rows[column], " ", ""))
    found = pc.if_else(pc.match_substring_regex(found, _WHOLE), found, None)
    table = pa.table(
        {"postcode": found, "digits": pc.utf8_slice_codeunits(found, 0, _DIGITS), "area": rows[code]}
    )
    table = table.filter(
        pc.and_(pc.is_valid(found), pc.is_in(table["area"], areas.table["code"].combine_chunks()))
    )
    told: dict[str, dict[str, list[str]]] = {}
    for key in ("digits", "postcode"):
        counted = table.group_by([key, "area"], use_threads=False).aggregate([([], "count_all")])
        counted = counted.filter(pc.greater_equal(counted["count_all"], least))
        order = [(key, "ascending"), ("count_all", "descending"), ("area", "ascending")]
        for row in counted.sort_by(order).to_pylist():
            place = told.setdefault(row[key][:_DIGITS], {}).setdefault(row[key][_DIGITS:], [])
            if row["area"] not in place:
                place.append(row["area"])
    named = sorted({area for letters in told.values() for some in letters.values() for area in some})
    number = {area: at for at, area in enumerate(named)}
    return {
        "areas": named,
        "of": {
            digits: {letters: [number[area] for area in some] for letters, some in of.items()}
            for digits, of in told.items()
        },
    }


def _columns(register: Register, column: str) -> list[str]:
    found = (
        column,
        register.area_column and register.area_column.name,
        register.period_column and register.period_column.name,
    )
    return [name for name in found if name]
