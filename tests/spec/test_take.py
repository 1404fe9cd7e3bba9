title = "Figures taken over from area statistics"

statistics = """
    area       | inhabitants | inhabitants__status | homes | cars
    -----------+-------------+---------------------+-------+-----
    GM9001     | 305         |                     | 120   | 60
    WK900101   | 300         |                     | 120   |
    BU90010101 | 200         |                     | 80    | 40
    BU90010102 |             | primary             | 40    |
"""


def test_a_value_is_taken_over_as_it_is_with_the_status_the_deliverer_gives(figures):
    """Nobody was counted here, so there is no n."""
    figures(statistics, "take", value="inhabitants").are("""
        level    | area       | value | n | status
        ---------+------------+-------+---+--------
        buurt    | BU90010101 | 200   |   | ok
        buurt    | BU90010102 |       |   | primary
        wijk     | WK900101   | 300   |   | ok
        gemeente | GM9001     | 305   |   | ok
    """)


def test_a_value_may_be_computed_over_the_row_with_what_stands_above_and_below_the_line(figures):
    figures(statistics, "take", value="100 * cars / homes", numerator="cars", denominator="homes").are("""
        area       | value | numerator | denominator | status
        -----------+-------+-----------+-------------+--------------
        BU90010101 | 50    | 40        | 80          | ok
        BU90010102 |       |           |             | not_available
        WK900101   |       |           |             | not_available
        GM9001     | 50    | 60        | 120         | ok
    """)


def test_of_several_statuses_the_worst_holds(figures):
    """Hidden is worse than unreliable, that is worse than not yet published, and that is worse than not available."""
    units = """
        area       | a | a__status         | b | b__status
        -----------+---+-------------------+---+--------------
        BU90010101 |   | not_available     |   | primary
        BU90010102 |   | not_yet_published |   | not_available
        WK900101   | 1 | unreliable        | 2 |
        GM9001     |   | not_available     | 3 |
    """
    figures(units, "take", value="coalesce(a, b)").are("""
        area       | value | status
        -----------+-------+------------------
        BU90010101 |       | primary
        BU90010102 |       | not_yet_published
        WK900101   | 1     | unreliable
        GM9001     | 3     | ok
    """)


def test_a_value_that_could_be_made_in_spite_of_a_hidden_column_is_left_out(figures):
    units = """
        area       | a | a__status
        -----------+---+----------
        BU90010101 |   | primary
        BU90010102 | 4 |
    """
    figures(units, "take", value="coalesce(a, 0)").are("""
        area       | value | status
        -----------+-------+--------
        BU90010101 |       | primary
        BU90010102 | 4     | ok
    """)


def test_codes_are_trimmed_and_areas_outside_the_division_are_reported(figures):
    units = """
        area           | homes
        ---------------+------
        'GM9001    '   | 10
        'GM1234    '   | 20
    """
    figures(units, "take", value="homes").are("""
        level    | area   | value
        ---------+--------+------
        gemeente | GM9001 | 10
    """)
    assert figures.leftovers == ["1 rows where the area is 'GM1234': in no figure"]


def test_an_area_without_a_row_is_not_available_at_a_level_that_the_register_has(figures):
    units = """
        area       | period | homes
        -----------+--------+------
        BU90010101 | 2023   | 5
        BU90010101 | 2024   | 6
        BU90010102 | 2024   | 7
    """
    figures(units, "take", value="homes").are("""
        period | area       | value | status
        -------+------------+-------+--------------
        '2023' | BU90010101 | 5     | ok
        '2023' | BU90010102 |       | not_available
        '2024' | BU90010101 | 6     | ok
        '2024' | BU90010102 | 7     | ok
    """)
