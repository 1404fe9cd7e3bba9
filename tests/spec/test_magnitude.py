from figure_tables import dimension

title = "Sums, means, medians, percentiles and distinct values"

firms = """
    id | buurt      | staff | sector
    ---+------------+-------+-------
    1  | BU90010101 | 10    | trade
    2  | BU90010101 | 40    | care
    3  | BU90010101 |       | care
    4  | BU90010102 | 7.5   | trade
    5  | BU90010102 | 2.5   | trade
"""


def test_a_sum_comes_with_its_two_largest_contributions(figures):
    """They say whether one firm can be read off; a wijk has the largest of its buurten. Without value there is no contribution."""
    figures(firms, "sum", value="staff").are("""
        level    | area       | value | n | largest | second
        ---------+------------+-------+---+---------+-------
        buurt    | BU90010101 | 50    | 2 | 40      | 10
        buurt    | BU90010102 | 10    | 2 | 7.5     | 2.5
        wijk     | WK900101   | 60    | 4 | 40      | 10
        gemeente | GM9001     | 60    | 4 | 40      | 10
    """)


def test_contributions_are_the_largest_in_size_whatever_their_sign(figures):
    """A debt of 300 says as much about who owes it as a fortune."""
    units = """
        id | buurt      | wealth
        ---+------------+-------
        1  | BU90010101 | -300
        2  | BU90010101 | 100
        3  | BU90010102 | 200
    """
    figures(units, "sum", value="wealth").are("""
        level    | area       | value | largest | second
        ---------+------------+-------+---------+-------
        buurt    | BU90010101 | -200  | 300     | 100
        buurt    | BU90010102 | 200   | 200     |
        wijk     | WK900101   | 0     | 300     | 200
        gemeente | GM9001     | 0     | 300     | 200
    """)


def test_two_equal_contributions_are_both_the_largest(figures):
    units = """
        id | buurt      | staff
        ---+------------+------
        1  | BU90010101 | 5
        2  | BU90010102 | 5
    """
    figures(units, "sum", value="staff", levels=("gemeente",)).are("""
        value | largest | second
        ------+---------+-------
        10    | 5       | 5
    """)


def test_a_mean_is_of_the_units_that_have_a_value(figures):
    figures(firms, "mean", value="staff").are("""
        level    | area       | value | numerator | denominator | n | largest | second
        ---------+------------+-------+-----------+-------------+---+---------+-------
        buurt    | BU90010101 | 25    | 50        | 2           | 2 | 40      | 10
        buurt    | BU90010102 | 5     | 10        | 2           | 2 | 7.5     | 2.5
        wijk     | WK900101   | 15    | 60        | 4           | 4 | 40      | 10
        gemeente | GM9001     | 15    | 60        | 4           | 4 | 40      | 10
    """)


def test_a_mean_of_nobody_is_not_available_and_a_sum_is_nought(figures):
    for measure, expected in (("mean", " | 0 | not_available"), ("sum", "0 | 0 | ok")):
        figures(firms, measure, value="staff", population="sector = 'care'", levels=("buurt",)).where(
            area="BU90010102"
        ).are(f"""
            value | n | status
            ------+---+-------
            {expected}
        """)


def test_a_median_is_taken_anew_at_every_level_and_margin(figures):
    """It does not add up: the median of a gemeente is not made of those of its buurten."""
    sector = dimension("sector", "sector", "trade", "care")
    figures(firms, "median", value="staff", dimensions=(sector,)).are("""
        level    | area       | sector | value | n | status
        ---------+------------+--------+-------+---+--------------
        buurt    | BU90010101 | TOTAL  | 25    | 2 | ok
        buurt    | BU90010101 | trade  | 10    | 1 | ok
        buurt    | BU90010101 | care   | 40    | 1 | ok
        buurt    | BU90010102 | TOTAL  | 5     | 2 | ok
        buurt    | BU90010102 | trade  | 5     | 2 | ok
        buurt    | BU90010102 | care   |       | 0 | not_available
        wijk     | WK900101   | TOTAL  | 8.75  | 4 | ok
        wijk     | WK900101   | trade  | 7.5   | 3 | ok
        wijk     | WK900101   | care   | 40    | 1 | ok
        gemeente | GM9001     | TOTAL  | 8.75  | 4 | ok
        gemeente | GM9001     | trade  | 7.5   | 3 | ok
        gemeente | GM9001     | care   | 40    | 1 | ok
    """)


def test_a_percentile_lies_between_two_values_where_need_be(figures):
    figures(firms, "percentile", percentile=90, value="staff", levels=("gemeente",)).are("""
        value | n
        ------+--
        31    | 4
    """)


def test_distinct_values_are_told_apart_at_every_level(figures):
    """Trade is in both buurten and counts once in the wijk."""
    figures(firms, "distinct", value="sector").are("""
        level    | area       | value | n
        ---------+------------+-------+--
        buurt    | BU90010101 | 2     | 3
        buurt    | BU90010102 | 1     | 2
        wijk     | WK900101   | 2     | 5
        gemeente | GM9001     | 2     | 5
    """)
