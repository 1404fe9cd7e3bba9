"""A project folder as a plan: which steps there are, what each is made of, and what runs it.

Names of steps are what people type after `zicht build`:

    areas, boundaries            the division and its polygons
    register/<id>                a register: taken in and checked, or made by SQL
    quality/<id>, norms/<id>     what was measured of it, and that its norms are met (see zicht.chain.quality)
    figures/<register>           all figures over a register, in one pass
    rates                        events per head: figures over two registers
    checks                       sums that should add up
    protected/<register>         figures as the public may have them
    described/<register>         characteristics of units, for findings that describe groups
    findings                     what stands out in those
    points                       where public objects stand that maps show
    release                      all of it, with the evidence
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.areas import Areas, Successions
from zicht.chain.account import is_account, public_account, read_account, write_account
from zicht.chain.area_changes import public_changes
from zicht.chain.by_sql import make_by_sql
from zicht.chain.catalogue import catalogue, lineage
from zicht.chain.described import STEP as DESCRIBED
from zicht.chain.described import described_steps, searches
from zicht.chain.doors import keys_of
from zicht.chain.found import FILE as FOUND
from zicht.chain.found import GUARD, PLACES_FILE, declared_findings, find
from zicht.chain.geography import load_areas, load_boundaries, make_areas, make_boundaries, only_gemeente
from zicht.chain.guarding import guarded_by
from zicht.chain.interpreted import told_interpretations
from zicht.chain.places import check_places, registers_of_places
from zicht.chain.points import STEP as POINTS
from zicht.chain.points import declared_points, points_step, public_points
from zicht.chain.postcodes import POSTCODES, postcode_steps, read_postcodes
from zicht.chain.privacy import processings
from zicht.chain.protection import hide_where_denominator_is_hidden, open_figures
from zicht.chain.provenance import papers_evidence
from zicht.chain.published import FOLDER as PUBLISHED
from zicht.chain.published import published_releases
from zicht.chain.quality import FEW, Past, past_of, quality_evidence, quality_steps
from zicht.chain.securing import Securing, read_figures
from zicht.chain.sharing import hide_what_tells
from zicht.chain.sources import area_sources, is_personal, read_registers, registers_in_order
from zicht.declare import DimensionDeclared, Indicator, Project, Register
from zicht.disclosure import PROFILES, Profile
from zicht.engine import DuckDBEngine, Progress, Step, code_digest, digest_of
from zicht.errors import DeclarationError, Place, Problem
from zicht.figures import check_sums, complete_rates, compute
from zicht.intake import ACCEPTED, Delivery, take_in
from zicht.release import Content, ProtectedFigures, PublicFindings, write_release


def profile_of(project: Project, indicator: Indicator) -> Profile:
    """The protection profile that holds for an indicator.

    Raises:
        DeclarationError: a profile that does not exist, or `open` over personal data.
    """
    personal = is_personal(project, project.registers[indicator.register_])
    name = indicator.protection or ("microdata" if personal else "open")
    place = project.written["indicators", indicator.id].place("protection")
    if name not in PROFILES:
        raise DeclarationError.at(
            place,
            f"protection profile `{name}` does not exist.",
            f"Use one of: {', '.join(sorted(PROFILES))}.",
        )
    if personal and indicator.measure == "take":
        raise DeclarationError.at(
            project.written["indicators", indicator.id].place("measure"),
            f"`{indicator.id}` takes figures over from a register with personal data, so how many units are behind them is not known.",
            "Count the units instead, or classify the columns as `public` where they are statistics.",
        )
    if personal and name == "open":
        raise DeclarationError.at(
            place,
            f"`{indicator.id}` is made from personal data and cannot be `open`.",
            "Leave `protection` out for `microdata`.",
        )
    return PROFILES[name]


def check_chain(project: Project) -> dict[str, Profile]:
    """What only shows when the whole project is seen: protection, and registers made of each other.

    Returns:
        The protection profile of each indicator, by id.

    Raises:
        DeclarationError: with every mistake.
    """
    problems: list[Problem] = []
    profiles: dict[str, Profile] = {}
    for indicator in project.indicators.values():
        try:
            profiles[indicator.id] = profile_of(project, indicator)
        except DeclarationError as error:
            problems.extend(error.problems)
    try:
        registers_in_order(project)
    except DeclarationError as error:
        problems.extend(error.problems)
    problems.extend(check_places(project))
    if not project.indicators:
        problems.append(
            Problem(
                Place("indicators"),
                "declares no indicator, so there is nothing to make.",
                "Write one in indicators/*.yaml.",
            )
        )
    if problems:
        raise DeclarationError(problems)
    return profiles


def plan(
    project: Project, deliveries: Mapping[str, Delivery], past: Mapping[str, Past] | None = None
) -> list[Step]:
    """The steps of a project, each after what it needs.

    Args:
        project: the project.
        deliveries: every delivery it uses, by source id.
        past: what is known of each register from earlier builds; nothing where left out.

    Raises:
        DeclarationError: see `check_chain`.
        ZichtError: a release that is public already was changed, or the secret of the pseudonyms is not there.
    """
    return _Planner(
        project, deliveries, check_chain(project), past or past_of(project, deliveries, None)
    ).steps()


class _Planner:
    """Makes the steps; each step's `run` reads only the folders it is given."""

    def __init__(
        self,
        project: Project,
        deliveries: Mapping[str, Delivery],
        profiles: Mapping[str, Profile],
        past: Mapping[str, Past],
    ) -> None:
        self.project = project
        self.deliveries = deliveries
        self.profiles = profiles
        self.past = past
        self.registers = registers_in_order(project)
        self.published = published_releases(project.folder)
        self.interpreted = [one.as_dict() for one in told_interpretations(project)]
        self.keys = keys_of(project, deliveries)
        self.by_register = {
            register.id: [i for i in project.indicators.values() if i.register_ == register.id]
            for register in self.registers
        }

    def steps(self) -> list[Step]:
        used = [register for register in self.registers if self.by_register[register.id]]
        rates = [self._rates()] if self._per_head() else []
        # Only of what was published already: a sum of children could hold what protection hides.
        sums = [i for i in self.project.indicators.values() if i.adds_up and self.profiles[i.id].id == "open"]
        steps = [
            self._areas(),
            self._boundaries(),
            *(self._register(register) for register in self.registers),
            *quality_steps(self.project, self.registers, self.past),
            *postcode_steps(self.project),
        ]
        steps += [*(self._figures(register) for register in used), *rates]
        steps += [self._checks(sums)] if sums else []
        steps += [self._protected(register) for register in used]
        found = bool(declared_findings(self.project))
        steps += [*described_steps(self.project, used), self._findings(used)] if found else []
        steps += [points_step(self.project)] if declared_points(self.project) else []
        return [*steps, self._release(used, bool(sums), found)]

    def _outside(self, sources: tuple[str, ...]) -> dict[str, str]:
        return {id_: self.deliveries[id_].digest for id_ in sources}

    def _areas(self) -> Step:
        declared = self.project.file.areas

        def run(_: Mapping[str, Path], out: Path, __: Progress) -> None:
            make_areas(declared, self.deliveries, out)

        return Step(
            "areas", run, (), declared.model_dump(mode="json"), self._outside(area_sources(self.project)),
            code_digest("areas", "intake", "chain"), "which areas there are",
        )  # fmt: skip

    def _boundaries(self) -> Step:
        declared = self.project.file.areas

        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            make_boundaries(declared, self.deliveries, load_areas(inputs["areas"]), out)

        return Step(
            "boundaries", run, ("areas",), declared.model_dump(mode="json"), self._outside(area_sources(self.project)),
            code_digest("areas", "intake", "chain"), "where their borders run",
        )  # fmt: skip

    def _register(self, register: Register) -> Step:
        name = f"register/{register.id}"
        declared = {"contract": register.document.value, "sql": self.project.register_sql.get(register.id)}
        code = code_digest("intake", "engine", "declare", "pseudonyms")
        if register.source is None:
            needs = tuple(f"register/{id_}" for id_ in read_registers(self.project, register))

            def make(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
                make_by_sql(register, str(declared["sql"]), inputs, out)

            return Step(name, make, needs, declared, {}, code, register.title)
        delivery, key = self.deliveries[register.source], self.keys.get(register.id)
        outside = {register.source: delivery.digest}
        if key is not None:
            outside[f"pseudonym key of {key.domain}"] = f"{key.version} {key.fingerprint}"
        needs = ("boundaries",) if any(column.located for column in register.columns) else ()

        def run(inputs: Mapping[str, Path], out: Path, progress: Progress) -> None:
            boundaries = load_boundaries(inputs["boundaries"]) if needs else None
            take_in(register, delivery, out, boundaries=boundaries, key=key, progress=progress)

        source = self.project.sources[register.source]
        declared["format"] = source.model_dump(mode="json", include={"format", "local_copy", "origin"})
        return Step(name, run, needs, declared, outside, code, register.title)

    def _figures(self, register: Register) -> Step:
        indicators = self.by_register[register.id]
        dimensions = self._dimensions(indicators)
        taken = any(indicator.measure == "take" for indicator in indicators)
        followed = self.project.file.areas.successions if taken else None

        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            areas = load_areas(inputs["areas"])
            successions = Successions.read(self.deliveries[followed].path) if followed else None
            with DuckDBEngine() as engine:
                engine.add(register.id, inputs[f"register/{register.id}"] / ACCEPTED)
                made = compute(
                    engine, register, register.id, indicators, dimensions, areas, only_gemeente(areas), successions
                )  # fmt: skip
            for id_, table in made.figures.items():
                pq.write_table(table, out / f"{id_}.parquet")
            left = {id_: list(map(str, leftovers)) for id_, leftovers in made.leftovers.items()}
            (out / "leftovers.json").write_text(json.dumps(left, sort_keys=True), "utf-8")

        declared = {
            "indicators": [indicator.model_dump(mode="json", by_alias=True) for indicator in indicators],
            "dimensions": [dimension.model_dump(mode="json") for dimension in dimensions.values()],
            "contract": register.document.value,
        }
        return Step(
            f"figures/{register.id}", run, (f"register/{register.id}", f"norms/{register.id}", "areas"), declared,
            self._outside((followed,)) if followed else {},
            code_digest("figures", "engine", "declare", "areas"), f"{len(indicators)} indicators over {register.title}",
        )  # fmt: skip

    def _per_head(self) -> list[Indicator]:
        return [
            indicator for indicator in self.project.indicators.values() if indicator.per_indicator is not None
        ]

    def _rates(self) -> Step:
        rates = self._per_head()
        pairs = {i.id: i.register_ for i in rates}
        pairs |= {
            str(i.per_indicator): self.project.indicators[str(i.per_indicator)].register_ for i in rates
        }

        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            figures = {
                id_: pq.read_table(inputs[f"figures/{register}"] / f"{id_}.parquet")
                for id_, register in pairs.items()
            }
            completed = complete_rates(figures, rates)
            for indicator in rates:
                pq.write_table(completed[indicator.id], out / f"{indicator.id}.parquet")

        declared = [indicator.model_dump(mode="json", by_alias=True) for indicator in rates]
        needs = tuple(dict.fromkeys(f"figures/{register}" for register in pairs.values()))
        return Step("rates", run, needs, declared, {}, code_digest("figures"), "events per head")

    def _checks(self, indicators: list[Indicator]) -> Step:
        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            areas = load_areas(inputs["areas"])
            tables = [
                check_sums(read_figures(inputs, indicator), areas, indicator) for indicator in indicators
            ]
            pq.write_table(pa.concat_tables(tables), out / "sums.parquet")
            (out / "sums.json").write_text(
                json.dumps(_summary_of_sums(tables, areas), sort_keys=True, ensure_ascii=False), "utf-8"
            )

        needs = ("areas", *dict.fromkeys(f"figures/{indicator.register_}" for indicator in indicators))
        declared = [indicator.model_dump(mode="json", by_alias=True) for indicator in indicators]
        return Step(
            "checks", run, needs, declared, {}, code_digest("figures", "chain"), "whether sums add up"
        )

    def _protected(self, register: Register) -> Step:
        securing = Securing.of(self.project, register, self.profiles, self.published)

        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            if securing.closed:
                done = securing.protect(inputs)
                figures = done.figures
                write_account(out, done.sheets)
            else:
                figures = {id_: open_figures(table) for id_, table in securing.figures(inputs).items()}
            for id_, table in figures.items():
                pq.write_table(table, out / f"{id_}.parquet")

        beside = ("figures", "engine", "declare", "areas") if securing.published else ()
        return Step(
            f"protected/{register.id}",
            run,
            securing.needs,
            securing.declared,
            {f"{PUBLISHED}/{release.path.name}": release.digest for release in securing.published},
            code_digest("disclosure", "chain", *beside),
            f"protection of {register.title}",
        )

    def _findings(self, used: list[Register]) -> Step:
        project = self.project
        gaps_m = project.file.areas.close_gaps

        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            areas = load_areas(inputs["areas"])
            find(project, self._public_figures(inputs), areas, inputs, gaps_m, out)

        analyses = declared_findings(project)
        declared = {
            "findings": [analysis.model_dump(mode="json") for analysis in analyses.values()],
            "rates": [indicator.model_dump(mode="json", by_alias=True) for indicator in self._per_head()],
            "guard": guarded_by(project),
        }
        objects = [f"register/{id_}" for id_ in registers_of_places(project)]
        counted = [f"{DESCRIBED}/{register.id}" for register in used if searches(project, register.id)]
        return Step(
            "findings", run, ("areas", "boundaries", *(f"protected/{register.id}" for register in used), *counted, *objects), declared, {},
            code_digest("findings", "figures", "areas", "declare", "chain", "governance"), f"{len(analyses)} patterns",
        )  # fmt: skip

    def _release(self, used: list[Register], sums: bool, found: bool) -> Step:
        names = [f"protected/{register.id}" for register in used]
        delivered = [
            f"{kind}/{register.id}"
            for kind in ("register", "quality", "norms")
            for register in self.registers
        ]
        # What could not be placed in a register of persons is a handful of them, and stays inside.
        countable = [register for register in used if not is_personal(self.project, register)]
        figures_made = [f"figures/{register.id}" for register in countable]
        needs = (
            "areas",
            "boundaries",
            *delivered,
            *figures_made,
            *names,
            *(("checks",) if sums else ()),
            *(("findings",) if found else ()),
            *((POINTS,) if (pointed := tuple(declared_points(self.project))) else ()),
            *((POSTCODES,) if self.project.file.site.postcodes else ()),
        )
        project, interpreted = self.project, self.interpreted

        def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
            areas = load_areas(inputs["areas"])
            figures = self._public_figures(inputs)
            boundaries = {
                path.stem: pq.read_table(path)
                for path in sorted((inputs["boundaries"] / "map").glob("*.parquet"))
            }
            evidence = {
                "intake": {r.id: self._intake_evidence(r, inputs) for r in self.registers},
                "quality": {r.id: quality_evidence(project, r, inputs[f"quality/{r.id}"]) for r in self.registers},
                "protection": {r.id: public_account(read_account(folder)) for r in used if is_account(folder := inputs[f"protected/{r.id}"])},
                "checks": {"sums": _read_json(inputs["checks"] / "sums.json") if sums else {},
                           "boundaries": _read_json(inputs["boundaries"] / "report.json")},
                "leftovers": {
                    r.id: _read_json(inputs[f"figures/{r.id}"] / "leftovers.json") for r in countable
                },
                "lineage": lineage(project, figures, self.deliveries),
                "processings": processings(project, figures),
                **({"signals": {"interpretations": interpreted}} if interpreted else {}),
                "guard": _read_json(inputs["findings"] / GUARD) if found else {},
                **papers_evidence(project, self.profiles, inputs, figures),
                **read_postcodes(inputs),
                "area_changes": public_changes(project, areas, self.deliveries),
            }  # fmt: skip
            table = areas.table.append_column(
                "division", pa.array([areas.division] * areas.table.num_rows, pa.int16())
            )
            write_release(
                Content(catalogue(project, areas, figures, self.profiles), table, boundaries,
                        [ProtectedFigures(id_, figures[id_]) for id_ in figures], evidence,
                        _public_findings(inputs["findings"]) if found else None,
                        [public_points(inputs[POINTS], id_) for id_ in pointed if id_ in figures]),
                out, project=project.file.id, division=areas.division, languages=project.file.languages,
            )  # fmt: skip

        texts = {kind: [item.model_dump(mode="json", by_alias=True) for item in items.values()]
                 for kind, items in (("indicators", project.indicators), ("products", project.products), ("sources", project.sources), ("purposes", project.purposes),
                                     ("dimensions", project.dimensions), ("algorithms", project.algorithms))}  # fmt: skip
        contracts = {register.id: register.document.value for register in project.registers.values()}
        # Who decides about a release changes nothing in it; that nobody does is told to the public.
        declared = {"file": project.file.model_dump(mode="json", exclude={"review": {"people", "database"}}), "contracts": contracts, "sql": dict(project.register_sql), **texts}  # fmt: skip
        outside = {id_: delivery.digest for id_, delivery in self.deliveries.items()}
        outside |= {"interpretations": digest_of(self.interpreted)} if self.interpreted else {}
        return Step("release", run, needs, declared, outside, code_digest("release", "chain", "governance"), "the release")  # fmt: skip

    def _intake_evidence(self, register: Register, inputs: Mapping[str, Path]) -> dict[str, object]:
        """How a delivery was checked, as far as a release may tell it: of persons, no count of a few of them."""
        report = _read_json(inputs[f"register/{register.id}"] / "report.json")
        if not is_personal(self.project, register):
            return report
        refused = report.get("refused")
        few = isinstance(refused, int) and 0 < refused < FEW
        told = ("rows",) if few else ("rows", "accepted", "refused")
        return {name: report[name] for name in told if name in report}

    def _public_figures(self, inputs: Mapping[str, Path]) -> dict[str, pa.Table]:
        found = {
            id_: pq.read_table(inputs[f"protected/{indicator.register_}"] / f"{id_}.parquet")
            for id_, indicator in self.project.indicators.items()
        }
        found = hide_what_tells(found, self.project.indicators)
        for rate in self._per_head():
            found[rate.id] = hide_where_denominator_is_hidden(
                found[rate.id], found[str(rate.per_indicator)], rate.by
            )
        additive = ("count", "sum", "take")
        return {
            id_: table if self.project.indicators[id_].measure in additive else _without_unknown_areas(table)
            for id_, table in found.items()
        }

    def _dimensions(self, indicators: list[Indicator]) -> dict[str, DimensionDeclared]:
        return {id_: self.project.dimensions[id_] for indicator in indicators for id_ in indicator.by}


def _public_findings(folder: Path) -> PublicFindings:
    return PublicFindings(pq.read_table(folder / FOUND), pq.read_table(folder / PLACES_FILE))


def _without_unknown_areas(table: pa.Table) -> pa.Table:
    # How many people have no known address is a figure; the mean income of nowhere is not.
    return table.filter(pc.invert(pc.match_substring(table["area"], "-")))


def _read_json(path: Path) -> dict[str, object]:
    value = json.loads(path.read_text("utf-8"))
    return value if isinstance(value, dict) else {"items": value}


def _summary_of_sums(tables: list[pa.Table], areas: Areas) -> dict[str, object]:
    """By indicator: how often sums agree, and which gemeenten and wijken are not the sum of their parts."""
    names = dict(zip(areas.table["code"].to_pylist(), areas.table["name"].to_pylist(), strict=True))
    summary: dict[str, object] = {}
    for table in tables:
        for indicator in pc.unique(table["indicator"]).to_pylist():
            rows = table.filter(pc.equal(table["indicator"], indicator))
            # Where a gemeente differs, so do its regio and the country: that says nothing new.
            local = rows.filter(pc.match_substring_regex(rows["parent"], "^(GM|WK)"))
            summary[indicator] = {
                "verdicts": {
                    entry["values"]: entry["counts"] for entry in pc.value_counts(rows["verdict"]).to_pylist()
                },
                "differs": _named_rows(local.filter(pc.equal(local["verdict"], "differs")), names),
                "rounding": _named_rows(
                    local.filter(
                        pc.and_(pc.equal(local["verdict"], "rounding"), pc.starts_with(local["parent"], "GM"))
                    ),
                    names,
                ),
            }
    return summary


def _named_rows(rows: pa.Table, names: Mapping[str, str]) -> list[dict[str, object]]:
    return [{**row, "name": names.get(row["parent"], "")} for row in rows.to_pylist()]
