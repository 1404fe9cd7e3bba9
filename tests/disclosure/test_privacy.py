"""The privacy budget is kept, and private noise is what was paid for."""

from __future__ import annotations

import builtins
import importlib.util
import math
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import crosstab, tree

from zicht.disclosure import Dimension, Table
from zicht.disclosure.perturbation import privacy
from zicht.disclosure.perturbation.privacy import Budget, Gaussian, Laplace, add_private_noise
from zicht.errors import DisclosureError

CITY = tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22 B23")
TEXT = """
    area | young | old
    -----+-------+----
    B11  | 3     | 30
    B12  | 25    | 35
    B21  | 31    | 12
"""
with_opendp = pytest.mark.skipif(
    importlib.util.find_spec("opendp") is None, reason="OpenDP, the extra `privacy`, is not installed"
)


# The budget


def test_losses_add_up_and_what_does_not_fit_is_refused_and_not_charged() -> None:
    budget = Budget(1.0)
    budget.spend_pure("first", 0.7)
    with pytest.raises(
        DisclosureError, match=r"second would spend epsilon 0\.4 .* of which 0\.3 of 1 is left"
    ):
        budget.spend_pure("second", 0.4)
    budget.spend_pure("third", 0.3)
    assert [one.what for one in budget.spendings] == ["first", "third"]
    assert budget.left == pytest.approx(0, abs=1e-12)


def test_ten_tenths_fit_whatever_floating_point_makes_of_them() -> None:
    budget = Budget(1.0)
    for number in range(10):
        budget.spend_pure(str(number), 0.1)
    with pytest.raises(DisclosureError, match="is left"):
        budget.spend_pure("one more", 0.001)


@pytest.mark.parametrize("price", [0.0, -0.1, math.nan, math.inf])
def test_a_price_that_is_no_positive_number_is_refused(price: float) -> None:
    with pytest.raises(DisclosureError):
        Budget(1.0).spend_pure("odd", price)


@pytest.mark.parametrize(("epsilon", "delta"), [(0, 0), (-1, 0), (1, 1), (1, -0.1), (math.nan, 0)])
def test_a_budget_out_of_bounds_is_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(DisclosureError, match="privacy budget"):
        Budget(epsilon, delta)


def test_with_a_delta_all_concentrated_losses_together_are_worth_the_epsilon() -> None:
    budget = Budget(1.5, 1e-6)
    rho = budget.limit
    assert rho + 2 * math.sqrt(rho * math.log(1e6)) == pytest.approx(1.5)
    budget.spend_pure("pure", 0.1)
    assert budget.left == pytest.approx(rho - 0.005)


def test_gaussian_noise_needs_a_delta() -> None:
    with pytest.raises(DisclosureError, match="delta above 0"):
        Budget(1.0).spend_concentrated("noise", 0.1)


# Without OpenDP


def test_without_opendp_the_error_names_the_extra_and_nothing_is_charged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> ModuleType:
        raise ImportError(name)

    monkeypatch.setattr(privacy, "import_module", missing)
    budget = Budget(1.0)
    with pytest.raises(DisclosureError, match=r"zicht\[privacy\]"):
        add_private_noise(crosstab(CITY, TEXT), Laplace(0.5), budget)
    assert budget.spendings == ()


def test_reading_the_module_does_not_load_opendp(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: object) -> ModuleType:
        assert not name.startswith("opendp")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    spec = importlib.util.find_spec("zicht.disclosure.perturbation.privacy")
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, spec.name, fresh)
    spec.loader.exec_module(fresh)


# With OpenDP


@with_opendp
def test_noisy_tables_add_up_and_unused_codes_are_released_too() -> None:
    released = add_private_noise(crosstab(CITY, TEXT), Laplace(0.5), Budget(0.5), domains={"area": CITY})
    cells = {(c["area"], c["kind"]): c["value"] for c in released.to_pylist()}
    assert len(cells) == 8 * 3
    for kind in ("TOTAL", "young", "old"):
        assert cells["GM", kind] == cells["WK1", kind] + cells["WK2", kind]
        assert cells["WK2", kind] == cells["B21", kind] + cells["B22", kind] + cells["B23", kind]
    assert cells["GM", "TOTAL"] == cells["GM", "young"] + cells["GM", "old"]


@with_opendp
def test_what_is_charged_is_what_the_noise_costs() -> None:
    budget = Budget(2.0, 1e-6)
    add_private_noise(crosstab(CITY, TEXT), Gaussian(0.01), budget, contributions=2)
    add_private_noise(crosstab(CITY, TEXT), Laplace(0.1), budget, contributions=3)
    gaussian, laplace = budget.spendings
    assert gaussian.rho == pytest.approx(0.01)
    assert laplace.epsilon == pytest.approx(0.1)


@with_opendp
def test_the_noise_is_as_wide_as_it_should_be() -> None:
    cells = [f"c{i}" for i in range(4000)]
    flat = Dimension.flat("kind", cells)
    table = Table("t", (flat,), crosstab_of(cells))
    off = np.array(add_private_noise(table, Laplace(0.5), Budget(0.5)).column("value").to_pylist())[1:] - 10
    # Discrete Laplace with a = exp(-0.5) has variance 2a / (1 - a)².
    a = math.exp(-0.5)
    assert off.var() == pytest.approx(2 * a / (1 - a) ** 2, rel=0.2)
    assert abs(off.mean()) < 0.25


def crosstab_of(cells: list[str]) -> pa.Table:
    counts = [10 * len(cells), *[10] * len(cells)]
    return pa.table({"kind": ["TOTAL", *cells], "value": pa.array(counts, pa.float64()), "n": counts})


@with_opendp
def test_a_spent_budget_gives_nothing() -> None:
    budget = Budget(0.5)
    add_private_noise(crosstab(CITY, TEXT), Laplace(0.5), budget)
    with pytest.raises(DisclosureError, match=r"of which 0 of 0\.5 is left"):
        add_private_noise(crosstab(CITY, TEXT), Laplace(0.5), budget)


def test_a_domain_that_lacks_a_code_is_refused() -> None:
    with pytest.raises(DisclosureError, match="lacks the code 'WK1'"):
        add_private_noise(
            crosstab(CITY, TEXT), Laplace(0.5), Budget(1), domains={"area": tree("area", "GM > B1")}
        )
