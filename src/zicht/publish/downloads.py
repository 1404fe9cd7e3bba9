"""The figures of an indicator as files: CSV that opens right in a Dutch spreadsheet, JSON for programs.

Both hold what the pages hold, at the same precision, with every area, period and breakdown, and a status in place of
what is hidden. Counts and contributions behind a value are not given: with them a percentage says who is in it.
"""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from zicht.publish.catalogue import Indicator
from zicht.publish.edition import Edition
from zicht.publish.frames import check_hidden, publishable, standings
from zicht.publish.tables import status_words
from zicht.publish.texts import Texts

BOM = b"\xef\xbb\xbf"
STATUS_NAMES = ("absent", "published", "hidden", "rounded", "perturbed", "not_yet_published", "unreliable")
"""The public statuses by `Standing`, as the JSON names them."""
_BOUNDS = (("value", np.rint), ("lower", np.floor), ("upper", np.ceil))


def _published(
    edition: Edition, indicator: Indicator
) -> tuple[pa.Table, dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]], list[int]]:
    table = edition.release.figures(indicator.id)
    check_hidden(indicator.id, table)
    table = table.sort_by([(name, "ascending") for name in ("level", "area", "period", *indicator.by)])
    margin = _margin_decimals(edition, indicator)
    numbers = {
        name: publishable(table, name, indicator.decimals if name == "value" else margin, rounding)
        for name, rounding in _BOUNDS
    }
    return table, numbers, standings(table["status"]).tolist()


def _margin_decimals(edition: Edition, indicator: Indicator) -> int:
    return edition.quantity(indicator, Texts("nl")).margin_decimals


def csv_bytes(edition: Edition, indicator: Indicator) -> bytes:
    """All figures as CSV: semicolons, decimal commas, UTF-8 with a byte order mark, a row a figure."""
    texts = Texts("nl")
    table, numbers, status = _published(edition, indicator)
    areas, margin = edition.areas, _margin_decimals(edition, indicator)
    names = pa.array(areas.names).take(pc.index_in(table["area"], pa.array(areas.codes)))
    words = [status_words(texts, place) for place in range(len(STATUS_NAMES))]
    columns = {
        "gebied": table["area"],
        "naam": pa.array([_harmless(name) for name in names.to_pylist()], pa.string()),
        "niveau": table["level"],
        "indeling": table["division"],
        "periode": table["period"],
        **{name: table[name] for name in indicator.by},
        "waarde": _decimal_comma(numbers["value"], indicator.decimals),
        "ondergrens_95": _decimal_comma(numbers["lower"], margin),
        "bovengrens_95": _decimal_comma(numbers["upper"], margin),
        "status": pa.array([words[place] for place in status], pa.string()),
    }
    out = io.BytesIO()
    out.write(BOM)
    pa_csv.write_csv(pa.table(columns), out, pa_csv.WriteOptions(delimiter=";", quoting_style="needed"))
    return out.getvalue()


def _harmless(name: str | None) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name and name[0] in "=+-@\t\r" else name or ""


def _decimal_comma(numbers: np.ndarray[tuple[int], np.dtype[np.float64]], decimals: int) -> pa.Array:
    written = [
        f"{value:.{decimals}f}".replace(".", ",") if value == value else None for value in numbers.tolist()
    ]
    return pa.array(written, pa.string())


def json_bytes(edition: Edition, indicator: Indicator) -> bytes:
    """All figures as JSON: what they are, and a column a name, so that a program reads them in one go."""
    table, numbers, status = _published(edition, indicator)
    texts = Texts("nl")
    document = {
        "indicator": indicator.id,
        "title": texts.pick(indicator.title),
        "unit": texts.pick(indicator.unit),
        "division": edition.release.manifest.get("division"),
        "sources": [
            {"title": texts.pick(source.title), "deliverer": source.deliverer, "licence": source.licence}
            for source in indicator.sources
        ],
        "columns": {
            **{name: table[name].to_pylist() for name in ("area", "level", "period", *indicator.by)},
            **{
                name: [value if value == value else None for value in column.tolist()]
                for name, column in numbers.items()
            },
            "status": [STATUS_NAMES[place] for place in status],
        },
    }
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
