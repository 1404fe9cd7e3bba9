"""Why a cell is hidden, told for one cell at a time."""

from __future__ import annotations

import pytest
from tables_as_text import crosstab, tree

from zicht.disclosure import Link, Profile, Protected, Table, protect
from zicht.disclosure.why import Why, why_hidden
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=5, max_group_share=None)
CITY = tree("area", "GM > B1 B2 B3")
TABLE = crosstab(
    CITY,
    """
    area | young | old
    -----+-------+----
    B1   | 3     | 30
    B2   | 25    | 35
    B3   | 30    | 20
    """,
)


def why(protected: Protected, table: Table, *codes: str, links: tuple[Link, ...] = ()) -> Why:
    statuses = {one.name: protected.status(one.name) for one in protected.tables}
    return why_hidden(protected.tables, statuses, FEW, table.name, codes, links=links)


def test_a_cell_hidden_by_a_rule_names_the_rule() -> None:
    found = why(protect([TABLE], FEW), TABLE, "B1", "young")
    assert (found.status, found.rule, found.gives_away) == ("primary", "min_units", ())


def test_a_cell_hidden_for_another_names_that_other_and_the_equation_that_would_give_it_away() -> None:
    found = why(protect([TABLE], FEW), TABLE, "B1", "old")
    assert found.status == "secondary"
    assert [failure.cell for failure in found.gives_away] == ["B1 × young"]
    assert found.gives_away[0].witness == ("t: [B1 × TOTAL: 33] = [B1 × young] + [B1 × old: 30]",)


def test_a_shown_cell_has_no_reason() -> None:
    assert why(protect([TABLE], FEW), TABLE, "B2", "TOTAL").status == "ok"


def test_a_linked_cell_is_shown_with_its_twin() -> None:
    twin = Table("twin", TABLE.dimensions, TABLE.cells)
    links = (Link.shared(TABLE, twin),)
    found = why(protect([TABLE, twin], FEW, links=links), TABLE, "B1", "old", links=links)
    assert {failure.cell for failure in found.gives_away} == {"B1 × young"}
    assert "published" not in {failure.attack for failure in found.gives_away}


def test_an_unknown_cell_or_table_is_refused() -> None:
    protected = protect([TABLE], FEW)
    with pytest.raises(DisclosureError, match="B9"):
        why(protected, TABLE, "B9", "young")
    statuses = {"t": protected.status("t")}
    with pytest.raises(DisclosureError, match="no table 'u'; there are t"):
        why_hidden([TABLE], statuses, FEW, "u", ("B1", "young"))
