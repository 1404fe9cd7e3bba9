"""GeoPackage: one layer of features or rows, read as a stream through GDAL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from zicht.errors import DeliveryError, Place
from zicht.intake.geometry import in_rd
from zicht.intake.parquet_rows import as_text
from zicht.intake.rows import Delivery, RowSource, batch_schema, checked_columns, shortened

_BATCH = 50_000
_FAULTS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
           pyogrio.errors.FieldError, pyogrio.errors.CRSError, pa.ArrowException, RuntimeError, ValueError, UnicodeDecodeError)  # fmt: skip


def read_geopackage(delivery: Delivery) -> RowSource:
    """The features of one layer; row numbers count from 1.

    Args:
        delivery: the file; `format.layer` names the layer, which may be left out where there is one.

    Raises:
        DeliveryError: not a GeoPackage, damaged, no such layer, no rows, geometry that cannot be read.
    """
    place = Place(delivery.shown)
    try:
        _refuse_damaged(delivery)
        layers = [str(name) for name in pyogrio.list_layers(delivery.path)[:, 0]]
        layer = _chosen(layers, delivery)
        info = pyogrio.read_info(delivery.path, layer=layer, force_feature_count=True)
    except (*_FAULTS, sqlite3.Error) as error:
        raise DeliveryError.at(
            place,
            f"is not a GeoPackage that can be read ({shortened(str(error), 160)}).",
            "Have it delivered again.",
        ) from error
    names = [str(name) for name in info["fields"]]
    columns = checked_columns(names, delivery.rename, place)
    if not info["features"]:
        raise DeliveryError.at(
            place, f"layer `{shortened(layer)}` has no rows.", "Have the file exported again."
        )
    geometry = info["geometry_type"] is not None
    crs = delivery.format.crs or info["crs"]
    if geometry and crs is None:
        raise DeliveryError.at(
            place, f"layer `{shortened(layer)}` does not say its coordinate system.", "Declare `crs`."
        )
    delivered = dict(zip(columns, names, strict=True))

    def batches(wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        chosen = list(columns if wanted is None else wanted)
        return _batches(
            delivery, layer, chosen, [delivered[name] for name in chosen], crs if geometry else None
        )

    return RowSource(
        columns=columns,
        kind="gpkg",
        numbers="mixed",
        batches=batches,
        geometry=geometry,
        total=int(info["features"]),
    )


def _refuse_damaged(delivery: Delivery) -> None:
    # GDAL reads on past damaged pages and gives fewer rows; SQLite itself notices.
    connection = sqlite3.connect(f"{delivery.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise DeliveryError.at(Place(delivery.shown), f"is a damaged GeoPackage ({shortened(str(verdict))}).", "Have it delivered again.")  # fmt: skip
        if (
            connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone()[
                0
            ]
            == 0
        ):
            raise DeliveryError.at(Place(delivery.shown), "is an SQLite database and no GeoPackage.")
    finally:
        connection.close()


def _chosen(layers: list[str], delivery: Delivery) -> str:
    wanted = delivery.format.layer
    if wanted is None and len(layers) == 1:
        return layers[0]
    if wanted is None or wanted not in layers:
        missing = f"has no layer `{shortened(wanted)}`." if wanted else f"has {len(layers)} layers."
        raise DeliveryError.at(
            Place(delivery.shown),
            missing,
            f"Say with `layer` which one: {', '.join(map(shortened, layers))}.",
        )
    return wanted


def _batches(
    delivery: Delivery, layer: str, names: list[str], delivered: list[str], crs: str | None
) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(names, geometry=crs is not None)
    line = 1
    try:
        with pyogrio.raw.open_arrow(
            delivery.path,
            layer=layer,
            columns=delivered,
            batch_size=_BATCH,
            use_pyarrow=True,
            read_geometry=crs is not None,
        ) as (meta, reader):
            for batch in reader:
                arrays = [pa.array(range(line, line + batch.num_rows), pa.int64())]
                arrays += [as_text(batch.column(name)) for name in delivered]
                if crs is not None:
                    wkb = batch.column(meta["geometry_name"] or "wkb_geometry").to_numpy(zero_copy_only=False)
                    shapes = in_rd(np.asarray(shapely.from_wkb(wkb), dtype=object), crs, delivery.shown)
                    arrays += shapes.arrays(0, batch.num_rows)
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
                line += batch.num_rows
    except (*_FAULTS, shapely.errors.ShapelyError) as error:
        raise DeliveryError.at(
            Place(delivery.shown, line),
            f"is damaged from here on ({shortened(str(error), 160)}).",
            "Have it delivered again.",
        ) from error
