"""The field list of a processing activity, as a JSON Schema, and whether a paper keeps to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import cast

import jsonschema_rs


@cache
def processing_schema() -> Mapping[str, object]:
    """The JSON Schema of one processing activity: AVG art. 30 with the words of the RvVA API and W3C DPV 2.3."""
    text = resources.files("zicht.governance.schemas").joinpath("processing-activity.schema.json")
    return cast("Mapping[str, object]", json.loads(text.read_text("utf-8")))


def processing_breaches(activity: Mapping[str, object]) -> tuple[str, ...]:
    """What in a processing activity breaks the field list.

    Args:
        activity: what JSON can hold.

    Returns:
        One sentence a breach, with where it stands; none where the activity is valid.
    """
    errors = _validator().iter_errors(dict(activity))
    return tuple(
        f"{'.'.join(map(str, error.instance_path)) or 'activity'}: {error.message}" for error in errors
    )


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(dict(processing_schema()), validate_formats=True)
