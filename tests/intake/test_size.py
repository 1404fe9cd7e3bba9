"""A large delivery streams through: what is in memory does not grow with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deliveries_as_text import Take

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import json, pathlib, sys
from benchmarks.intake import generated, measured
print(json.dumps(measured("zicht", generated(1_000_000, pathlib.Path(sys.argv[1]) / "rows.csv"))))
"""


@pytest.mark.slow
def test_a_million_rows_go_in_with_bounded_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["rows"] == 1_000_000
    assert found["peak"] < 800  # MB


@pytest.mark.slow
def test_a_very_wide_register_goes_in(take: Take) -> None:
    names = [f"c{i}" for i in range(600)]
    columns = "\n".join(
        f'{{name: {name}, logicalType: number, customProperties: [{{property: ontbreekt, value: {{".": primary}}}}]}}'
        for name in names
    )
    taken = take(";".join(names) + "\n" + (";".join(["1,5"] * 600) + "\n") * 300, columns)
    assert taken.report.accepted == 300
    assert set(taken.accepted[0].values()) == {1.5, None}
