"""Every published figure has a way back."""

from __future__ import annotations

import pytest

from zicht.chain import Built, explain
from zicht.errors import ZichtError


def test_a_figure_goes_back_to_the_delivery_it_rests_on(built: Built) -> None:
    assert built.release is not None
    found = explain(built.release, "bijstand", "GM9002", "2025")
    assert found.area_name == "Proefdorp"
    assert found.figures[0]["status"] == "ok"
    assert "numerator: bijstand" in found.steps
    register = found.registers[0]
    assert register.rows == {"rows": 1500, "accepted": 1500, "refused": 0}
    assert register.source is not None
    assert register.source["deliverer"] == "Afdeling Burgerzaken"
    assert len(str(register.source["digest"])) == 64
    assert found.protection["profile"] == "microdata"


def test_a_hidden_figure_is_explained_without_its_number(built: Built) -> None:
    assert built.release is not None
    table = built.release.figures("bijstand").to_pylist()
    hidden = next(row for row in table if row["status"] == "primary" and "-" not in row["area"])
    found = explain(built.release, "bijstand", hidden["area"], hidden["period"])
    assert found.figures[0]["value"] is None


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (("bystand", "GM9002", "2025"), "Did you mean bijstand"),
        (("bijstand", "GM0001", "2025"), "no figure for the area `GM0001`"),
        (("bijstand", "GM9002", "1999"), "it has 2025"),
    ],
)
def test_what_the_release_does_not_have_is_said(built: Built, what: tuple[str, str, str], said: str) -> None:
    assert built.release is not None
    with pytest.raises(ZichtError, match=said):
        explain(built.release, *what)
