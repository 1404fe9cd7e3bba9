"""The figures of an indicator as tables: two kinds of CSV, JSON and Parquet.

All hold what the pages hold, at the same precision, with every area, period and breakdown, and a status on every row, so
that nothing is blank without a reason. Counts and contributions behind a value are not given: with them a percentage
says who is in it.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zicht.publish.catalogue import Indicator
from zicht.publish.edition import Edition
from zicht.publish.frames import Floats, check_hidden, publishable, standings
from zicht.publish.tables import status_words
from zicht.publish.texts import Texts

BOM = b"\xef\xbb\xbf"
STATUS_NAMES = ("absent", "published", "hidden", "rounded", "perturbed", "not_yet_published", "unreliable")
"""The public statuses by `Standing`, as files for programs name them."""
NUMBERS = ("value", "lower", "upper")
"""The columns with numbers, in order."""
PROVISIONAL = "provisional"
"""The column that says whether the figures of a period may still change."""
_ROUNDING = {"value": np.rint, "lower": np.floor, "upper": np.ceil}


@dataclass(frozen=True)
class Published:
    """The figures of one indicator as the public may have them: a row a figure, sorted.

    Attributes:
        indicator: what they are of.
        table: area, name, level, division, period, a column a dimension, value, lower, upper, status (see `STATUS_NAMES`), provisional (boolean).
        decimals: by column of numbers how many decimals it has.
    """

    indicator: Indicator
    table: pa.Table
    decimals: dict[str, int]


def published(edition: Edition, indicator: Indicator) -> Published:
    """The figures of an indicator as the public may have them.

    Args:
        edition: the release.
        indicator: of it.

    Raises:
        DisclosureError: a hidden figure still has a number.
    """
    table = edition.release.figures(indicator.id)
    check_hidden(indicator.id, table)
    table = table.sort_by([(name, "ascending") for name in ("level", "area", "period", *indicator.by)])
    margin = edition.quantity(indicator, Texts("nl")).margin_decimals
    decimals = {"value": indicator.decimals, "lower": margin, "upper": margin}
    names = pa.array(edition.areas.names).take(pc.index_in(table["area"], pa.array(edition.areas.codes)))
    return Published(
        indicator,
        pa.table(
            {
                "area": table["area"],
                "name": pc.fill_null(names, ""),
                **{name: table[name] for name in ("level", "division", "period", *indicator.by)},
                **{
                    name: _column(publishable(table, name, decimals[name], _ROUNDING[name]))
                    for name in NUMBERS
                },
                "status": pa.array(STATUS_NAMES).take(pa.array(standings(table["status"]))),
                PROVISIONAL: pc.is_in(table["period"], pa.array(sorted(indicator.provisional), pa.string())),
            }
        ),
        decimals,
    )


def _column(numbers: Floats) -> pa.Array:
    return pa.array(numbers, mask=np.isnan(numbers))


def dutch_csv(figures: Published) -> bytes:
    """All figures for a Dutch spreadsheet: semicolons, decimal commas, UTF-8 with a byte order mark."""
    table, texts = figures.table, Texts("nl")
    words = pa.array([status_words(texts, place) for place in range(len(STATUS_NAMES))])
    columns = {
        "gebied": table["area"],
        "naam": _harmless(table["name"]),
        "niveau": table["level"],
        "indeling": table["division"],
        "periode": table["period"],
        **{name: table[name] for name in figures.indicator.by},
        "waarde": _decimal_comma(table["value"], figures.decimals["value"]),
        "ondergrens_95": _decimal_comma(table["lower"], figures.decimals["lower"]),
        "bovengrens_95": _decimal_comma(table["upper"], figures.decimals["upper"]),
        "status": words.take(pc.index_in(table["status"], pa.array(STATUS_NAMES))),
        "voorlopig": pc.if_else(table[PROVISIONAL], "ja", "nee"),
    }
    return BOM + _csv(pa.table(columns), ";")


def plain_csv(figures: Published) -> bytes:
    """All figures for programs: commas, decimal points, English names, no byte order mark."""
    table = figures.table
    return _csv(table.set_column(1, "name", _harmless(table["name"])), ",")


def _csv(table: pa.Table, delimiter: str) -> bytes:
    out = io.BytesIO()
    pa_csv.write_csv(table, out, pa_csv.WriteOptions(delimiter=delimiter, quoting_style="needed"))
    return out.getvalue()


def _harmless(names: pa.ChunkedArray) -> pa.ChunkedArray:
    """Names that no spreadsheet takes for a formula."""
    formula = pc.match_substring_regex(names, "^[=+\\-@\t\r]")
    return pc.if_else(formula, pc.binary_join_element_wise("'", names, ""), names)


def _decimal_comma(numbers: pa.ChunkedArray, decimals: int) -> pa.Array:
    written = [
        None if value is None else f"{value:.{decimals}f}".replace(".", ",") for value in numbers.to_pylist()
    ]
    return pa.array(written, pa.string())


def points_csv(points: pa.Table) -> bytes:
    """Where public objects stand, for people and programs alike: whole metres in RD (EPSG:28992), under the names x and y.

    Args:
        points: the columns of `zicht.release.POINTS`.
    """
    sink = io.BytesIO()
    pa_csv.write_csv(points, sink, pa_csv.WriteOptions(quoting_style="none", quoting_header="none"))
    return sink.getvalue()


def parquet(figures: Published) -> bytes:
    """All figures as Parquet, sorted, without an index or metadata of a library."""
    out = io.BytesIO()
    pq.write_table(
        figures.table.combine_chunks().replace_schema_metadata(None),
        out,
        compression="zstd",
        store_schema=False,
    )
    return out.getvalue()


def json_columns(edition: Edition, figures: Published) -> bytes:
    """All figures as JSON: what they are, and a column a name, so that a program reads them in one go."""
    indicator, texts = figures.indicator, Texts("nl")
    columns = ("area", "level", "period", *indicator.by, *NUMBERS, "status", PROVISIONAL)
    document = {
        "indicator": indicator.id,
        "title": texts.pick(indicator.title),
        "unit": texts.pick(indicator.unit),
        "division": edition.release.manifest.get("division"),
        "sources": [
            {"title": texts.pick(source.title), "deliverer": source.deliverer, "licence": source.licence}
            for source in indicator.sources
        ],
        "columns": {name: figures.table[name].to_pylist() for name in columns},
    }
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
