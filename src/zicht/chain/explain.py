"""A figure's way back: from what is published to the deliveries it rests on, and every step on it."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import ZichtError
from zicht.release import HIDDEN, Release

Record = Mapping[str, object]


@dataclass(frozen=True)
class RegisterTrail:
    """One register on the way back.

    Attributes:
        id, title: of the register.
        contract: its file, id, version and digest.
        rows: how many were delivered, accepted and refused.
        sql: the query that makes it, where it is made.
        made_of: the registers that the query reads.
        source: where it was delivered from, where it was.
        snapshot: digest of the snapshot that the figure was made from; empty in releases of before it was told.
        columns: the delivered columns that the figure uses of it.
        delivered: the day of the delivery, where the source or the workplace tells.
    """

    id: str
    title: str
    contract: Record
    rows: Record
    sql: str | None
    made_of: tuple[str, ...]
    source: Record | None
    snapshot: str = ""
    columns: tuple[str, ...] = ()
    delivered: str = ""


@dataclass(frozen=True)
class Explanation:
    """Where a figure comes from.

    Attributes:
        release: digest of the release it stands in.
        indicator, title, unit: what it measures.
        decimals: with how many the figure is shown.
        by: its breakdowns.
        area, area_name, period: of what and when.
        figures: the published rows (total first), hidden ones without numbers.
        protection: profile, and how many figures of the register were hidden.
        steps: how it is computed, as declared.
        registers: the way back, from the register it counts in to the deliveries.
        purpose: the processing activity for which data about persons are used, with its legal basis; None where there are none.
        algorithms, products: by name, what it was made with and where it is used.
        decisions: what people decided about the release, oldest first.
    """

    release: str
    indicator: str
    title: str
    unit: str
    decimals: int
    by: tuple[str, ...]
    area: str
    area_name: str
    period: str
    figures: tuple[Record, ...]
    protection: Record
    steps: tuple[str, ...]
    registers: tuple[RegisterTrail, ...]
    purpose: Record | None = None
    algorithms: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    decisions: tuple[Record, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """The same, as what JSON can hold."""
        return asdict(self)


def explain(
    release: Release,
    indicator: str,
    area: str,
    period: str,
    language: str = "nl",
    *,
    delivered: Mapping[str, dt.datetime] | None = None,
    decisions: Iterable[Record] = (),
) -> Explanation:
    """Explain one figure of a release.

    Args:
        release: an open release.
        indicator: id of the indicator.
        area: code of the area.
        period: period, ISO 8601.
        language: language of titles.
        delivered: when deliveries were put in place, by digest, where the workplace that made the release is at hand.
        decisions: what people decided about the release, oldest first.

    Returns:
        The figure, what it was made of, back to the deliveries, and how it was protected.

    Raises:
        ZichtError: the release has no such indicator, area or period; the message names what it has.
    """
    described = _described(release, indicator)
    table = release.figures(indicator)
    rows = _rows(table, indicator, area, period)
    trail = release.evidence("lineage")
    way = cast("Mapping[str, Record]", trail["indicators"])[indicator]
    registers = cast("Mapping[str, Record]", trail["registers"])
    names = release.areas()
    name = names.filter(pc.equal(names["code"], area))["name"].to_pylist()
    by = cast("list[str]", described["by"])
    known = release.evidence("provenance")
    beside = cast("Mapping[str, list[Record]]", _part(known, "indicators").get(indicator, {}))
    ordered = sorted(rows, key=lambda row: [row[id_] != "TOTAL" for id_ in by])
    return Explanation(
        release=release.digest,
        indicator=indicator,
        title=_in(described["title"], language),
        unit=_in(described["unit"], language),
        decimals=cast("int", described["decimals"]),
        by=tuple(by),
        area=area,
        area_name=name[0] if name else "",
        period=period,
        figures=tuple(ordered),
        protection=_protection(release, str(way["register"]), str(described["protection"]), table),
        steps=tuple(cast("list[str]", way["steps"])),
        registers=tuple(
            replace(
                one,
                snapshot=str(_part(known, "snapshots").get(one.id, "")),
                columns=_columns(way, one.id),
                delivered=_delivered(one, _part(known, "deliveries"), delivered or {}),
            )
            for one in _trail(release, registers, _registers(way))
        ),
        purpose=_purpose(release, way),
        algorithms=tuple(_in(one["title"], language) for one in beside.get("algorithms", [])),
        products=tuple(_in(one["title"], language) for one in beside.get("products", [])),
        decisions=tuple(decisions),
    )


def _described(release: Release, indicator: str) -> Record:
    found = {str(item["id"]): item for item in cast("list[Record]", release.catalogue["indicators"])}
    if indicator not in found:
        near = difflib.get_close_matches(indicator, found, n=3, cutoff=0.4)
        raise ZichtError(
            f"The release has no indicator `{indicator}`."
            + (f" Did you mean {' or '.join(near)}?" if near else "")
        )
    return found[indicator]


def _rows(table: pa.Table, indicator: str, area: str, period: str) -> list[dict[str, object]]:
    of_area = table.filter(pc.equal(table["area"], area))
    if not of_area.num_rows:
        raise ZichtError(
            f"`{indicator}` has no figure for the area `{area}`; codes look like BU03440111, WK034401 or GM0344."
        )
    rows = of_area.filter(pc.equal(of_area["period"], period))
    if not rows.num_rows:
        periods = ", ".join(sorted(pc.unique(of_area["period"]).to_pylist()))
        raise ZichtError(f"`{indicator}` has no figure of {area} for the period {period}; it has {periods}.")
    return cast("list[dict[str, object]]", rows.to_pylist())


def _protection(release: Release, register: str, profile: str, table: pa.Table) -> Record:
    hidden = pc.sum(pc.is_in(table["status"], pa.array(HIDDEN))).as_py() or 0
    return {
        "profile": profile,
        "figures": table.num_rows,
        "hidden": hidden,
        "report": release.evidence("protection").get(register, {}),
    }


def _part(evidence: Record, name: str) -> Record:
    # Releases of before a part was told have none of it.
    return cast("Record", evidence.get(name, {}))


def _purpose(release: Release, way: Record) -> Record | None:
    found = _part(release.evidence("processings"), "purposes").get(str(way.get("purpose")))
    if found is None:
        return None
    said = cast("Record", found)
    activity = cast("Record", said["activity"])
    return {
        "id": way["purpose"],
        "version": said["version"],
        "uri": activity["id"],
        "title": activity["name"],
        "aim": activity["purposeText"],
        "legal_basis": activity["legalBasisText"],
        "grounds": activity["legalBasis"],
        "controller": said["controller"],
    }


def _columns(way: Record, register: str) -> tuple[str, ...]:
    used = cast("list[Record]", way.get("columns", []))
    return tuple(
        sorted({str(one["column"]) for one in used if one["register"] == register and one.get("column")})
    )


def _delivered(trail: RegisterTrail, declared: Record, seen: Mapping[str, dt.datetime]) -> str:
    """The day of the delivery: as its source says, or else as its file tells."""
    if trail.source is None:
        return ""
    at = seen.get(str(trail.source["digest"]))
    return str(declared.get(str(trail.source["id"])) or (at.date().isoformat() if at else ""))


def _registers(way: Record) -> list[str]:
    # Releases made before rates named what they are divided by have the one register only.
    return cast("list[str]", way.get("registers") or [way["register"]])


def _trail(
    release: Release, registers: Mapping[str, Record], start: Iterable[str]
) -> Iterable[RegisterTrail]:
    intake = release.evidence("intake")
    waiting, seen = list(start), set()
    while waiting:
        id_ = waiting.pop(0)
        if id_ in seen:
            continue
        seen.add(id_)
        entry = registers[id_]
        made_of = cast("list[str]", entry["made_of"])
        waiting.extend(made_of)
        report = cast("Record", intake.get(id_, {}))
        yield RegisterTrail(
            id=id_,
            title=str(entry["title"]),
            contract=cast("Record", entry["contract"]),
            rows={key: report[key] for key in ("rows", "accepted", "refused") if key in report},
            sql=cast("str | None", entry["sql"]),
            made_of=tuple(made_of),
            source=cast("Record | None", entry["source"]),
        )


def _in(text: object, language: str) -> str:
    texts = cast("Mapping[str, str]", text)
    return texts.get(language) or texts["nl"]
