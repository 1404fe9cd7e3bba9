title = "Periods"


def test_every_period_of_the_register_has_figures_for_every_area(figures):
    """Also an area where nothing happened that year."""
    units = """
        id | buurt      | period
        ---+------------+-------
        1  | BU90010101 | 2023
        2  | BU90010101 | 2024
        3  | BU90010102 | 2024
    """
    figures(units, "count", levels=("buurt",)).are("""
        period | area       | value
        -------+------------+------
        '2023' | BU90010101 | 1
        '2023' | BU90010102 | 0
        '2024' | BU90010101 | 1
        '2024' | BU90010102 | 1
    """)


def test_a_period_may_be_made_of_a_date(figures):
    units = """
        id | buurt      | day
        ---+------------+-----------
        1  | BU90010101 | 2024-01-31
        2  | BU90010101 | 2024-02-01
        3  | BU90010101 | 2024-02-29
    """
    figures(units, "count", period="strftime(day, '%Y-%m')", levels=("gemeente",)).are("""
        period    | value
        ----------+------
        '2024-01' | 1
        '2024-02' | 2
    """)


def test_a_unit_without_period_is_in_no_figure_and_reported(figures):
    units = """
        id | buurt      | period
        ---+------------+-------
        1  | BU90010101 | 2024
        2  | BU90010101 |
    """
    figures(units, "count", levels=("gemeente",)).are("""
        period | value
        -------+------
        '2024' | 1
    """)
    assert figures.leftovers == ["1 rows where the period is nothing: in no figure"]


def test_a_register_of_one_period_says_so_in_its_contract(figures):
    units = """
        id | buurt
        ---+-----------
        1  | BU90010101
    """
    figures(units, "count", levels=("gemeente",)).are("""
        period | value
        -------+------
        '2024' | 1
    """)
