"""Writing the deliveries: the same table always gives the same bytes.

Municipal deliveries have their quirks, and a demo without them would prove nothing: one file has a byte-order mark and
Dutch dates, one is latin-1 with Windows line ends and padded codes, two have decimal commas, one is a workbook.
"""

from __future__ import annotations

import codecs
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import shapely

from zicht.demo.citymap import CityMap
from zicht.demo.plan import BUURTEN, DIVISION, GEMEENTE, GEMEENTE_NAME, WIJKEN

PADDED_WIDTH = 12
"""Width to which the buurt codes of the firms are padded with spaces."""

Named = list[tuple[dict[str, str | int | float], shapely.Geometry]]


def write_tables(tables: dict[str, pa.Table], folder: Path) -> dict[str, int]:
    """Write every delivery in its own form; gives file name to number of rows."""
    written = {}
    for name in ("personen", "huishoudens", "adressen", "woningbezit"):
        pq.write_table(
            tables[name],
            folder / f"{name}.parquet",
            compression="zstd",
            compression_level=3,
            store_schema=False,
        )
        written[f"{name}.parquet"] = len(tables[name])
    texts = {
        "woningtransacties": codecs.BOM_UTF8 + _csv(_dutch_dates(tables["woningtransacties"])),
        "bedrijven": _latin(_csv(_padded(tables["bedrijven"], "buurtcode"))),
        "regelingen": _csv(_comma(tables["regelingen"])),
        "parkeertelling": _csv(_comma(tables["parkeertelling"])),
        **{name: _csv(tables[name]) for name in ("wmo", "jeugdzorg", "verdachten", "meldingen", "pendel")},
    }
    for name, content in texts.items():
        (folder / f"{name}.csv").write_bytes(content)
        written[f"{name}.csv"] = len(tables[name])
    (folder / "laadpunten.xlsx").write_bytes(workbook(tables["laadpunten"], "laadpunten"))
    written["laadpunten.xlsx"] = len(tables["laadpunten"])
    return written


def write_map(city: CityMap, folder: Path) -> dict[str, int]:
    """Write the geometry as GeoJSON in RD (EPSG:28992); gives file name to number of features."""
    layers = {
        "buurten": _buurten(city),
        "wijken": _wijken(city),
        "gemeente": _gemeente(city),
        "water": _water(city),
    }
    for name, features in layers.items():
        (folder / f"{name}.geojson").write_text(_geojson(name, features), encoding="utf-8")
    return {f"{name}.geojson": len(features) for name, features in layers.items()}


def workbook(table: pa.Table, sheet: str) -> bytes:
    """A plain XLSX workbook of one sheet, uncompressed so that every machine writes the same bytes."""
    rows = [_xml_row(1, table.column_names)]
    columns = [column.to_pylist() for column in table.columns]
    rows += [_xml_row(number, values) for number, values in enumerate(zip(*columns, strict=True), start=2)]
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packed}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packed}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packed}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{''.join(rows)}</sheetData></worksheet>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in parts.items():
            head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), head + content)
    return buffer.getvalue()


def _xml_row(number: int, values: Iterable[object]) -> str:
    cells = (
        f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        if isinstance(value, str)
        else f"<c><v>{value}</v></c>"
        for value in values
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _csv(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    options = pcsv.WriteOptions(delimiter=";", quoting_style="needed")
    pcsv.write_csv(table, buffer, options)
    return buffer.getvalue()


def _latin(content: bytes) -> bytes:
    return content.decode("utf-8").replace("\n", "\r\n").encode("latin-1")


def _dutch_dates(table: pa.Table) -> pa.Table:
    for position, field in enumerate(table.schema):
        if pa.types.is_date(field.type):
            days = pc.strftime(table[field.name].cast(pa.timestamp("s")), "%d-%m-%Y")
            table = table.set_column(position, field.name, days)
    return table


def _comma(table: pa.Table) -> pa.Table:
    for position, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            text = pc.replace_substring(table[field.name].cast(pa.string()), ".", ",")
            table = table.set_column(position, field.name, text)
    return table


def _padded(table: pa.Table, column: str) -> pa.Table:
    position = table.schema.get_field_index(column)
    return table.set_column(position, column, pc.utf8_rpad(table[column], PADDED_WIDTH))


def _buurten(city: CityMap) -> Named:
    return [
        (
            {
                "buurtcode": plan.code, "buurtnaam": plan.name, "wijkcode": WIJKEN[plan.wijk].code, "gemeentecode": GEMEENTE,
                "jaar": DIVISION, "oppervlakte_ha": round(shape.area / 10_000, 1),
            },
            shape,
        )
        for plan, shape in zip(BUURTEN, city.buurten, strict=True)
    ]  # fmt: skip


def _wijken(city: CityMap) -> Named:
    return [
        ({"wijkcode": plan.code, "wijknaam": plan.name, "gemeentecode": GEMEENTE, "jaar": DIVISION}, shape)
        for plan, shape in zip(WIJKEN, city.wijken, strict=True)
    ]


def _gemeente(city: CityMap) -> Named:
    return [({"gemeentecode": GEMEENTE, "gemeentenaam": GEMEENTE_NAME, "jaar": DIVISION}, city.gemeente)]


def _water(city: CityMap) -> Named:
    return [({"naam": "de Beelde", "soort": "rivier"}, city.water)]


def _geojson(name: str, features: Named) -> str:
    body = [
        json.dumps({"type": "Feature", "properties": about, "geometry": _rounded(shape)}, ensure_ascii=False)
        for about, shape in features
    ]
    crs = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}'
    listed = ",\n".join(body)
    return f'{{"type": "FeatureCollection", "name": "{name}", {crs}, "features": [\n{listed}\n]}}\n'


def _rounded(shape: shapely.Geometry) -> dict[str, object]:
    mapping: dict[str, object] = shapely.geometry.mapping(shape)
    return {"type": mapping["type"], "coordinates": _tenths(mapping["coordinates"])}


def _tenths(value: object) -> object:
    return (
        [_tenths(part) for part in value] if isinstance(value, (tuple, list)) else round(float(str(value)), 1)
    )
