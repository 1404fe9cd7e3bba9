title = "Counting units"

persons = """
    id | buurt      | born
    ---+------------+-----
    1  | BU90010101 | 1980
    2  | BU90010101 | 2015
    3  | BU90010102 | 1990
    4  |            | 1990
"""


def test_counts_by_buurt_roll_up_to_wijk_and_gemeente_unknown_addresses_included(figures):
    """A person without address counts in the gemeente, and in an unknown buurt and wijk of it."""
    figures(persons, "count").are("""
        level    | area       | period | value | n | status
        ---------+------------+--------+-------+---+-------
        buurt    | BU9001---- | '2024' | 1     | 1 | ok
        buurt    | BU90010101 | '2024' | 2     | 2 | ok
        buurt    | BU90010102 | '2024' | 1     | 1 | ok
        wijk     | WK9001--   | '2024' | 1     | 1 | ok
        wijk     | WK900101   | '2024' | 3     | 3 | ok
        gemeente | GM9001     | '2024' | 4     | 4 | ok
    """)


def test_a_population_says_who_belongs_to_it(figures):
    figures(persons, "count", population="born <= 1990").where(level="buurt").are("""
        area       | value
        -----------+------
        BU9001---- | 1
        BU90010101 | 1
        BU90010102 | 1
    """)


def test_a_population_that_cannot_be_decided_leaves_the_unit_out(figures):
    """Whether someone was born before 2000 is not known where the year of birth is missing."""
    figures(
        """
        id | buurt      | born
        ---+------------+-----
        1  | BU90010101 | 1980
        2  | BU90010101 |
        3  | BU90010101 | 2015
        """,
        "count", population="born < 2000",
    ).where(area="GM9001").are("""
        value | n
        ------+--
        1     | 1
    """)  # fmt: skip


def test_an_area_without_units_has_a_count_of_nought(figures):
    figures(persons, "count", population="born > 2010").where(level="buurt").are("""
        area       | value | status
        -----------+-------+-------
        BU9001---- | 0     | ok
        BU90010101 | 1     | ok
        BU90010102 | 0     | ok
    """)
