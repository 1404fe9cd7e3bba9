from figure_tables import dimension

title = "Shares and rates of units"

households = """
    id | buurt      | car | rooms
    ---+------------+-----+------
    1  | BU90010101 | yes | 3
    2  | BU90010101 | no  | 4
    3  | BU90010101 | no  | 1
    4  | BU90010102 | yes | 2
"""


def test_a_share_is_a_percentage_with_what_it_was_made_of(figures):
    figures(households, "share", numerator="car").are("""
        level    | area       | value | numerator | denominator | n
        ---------+------------+-------+-----------+-------------+--
        buurt    | BU90010101 | 33.33 | 1         | 3           | 3
        buurt    | BU90010102 | 100   | 1         | 1           | 1
        wijk     | WK900101   | 50    | 2         | 4           | 4
        gemeente | GM9001     | 50    | 2         | 4           | 4
    """)


def test_a_share_has_a_95_percent_interval_after_wilson(figures):
    """Also where everybody has the trait, or nobody: one household of one says little about a buurt."""
    figures(households, "share", numerator="car", levels=("buurt", "gemeente")).are("""
        area       | value | lower | upper
        -----------+-------+-------+------
        BU90010101 | 33.33 | 6.15  | 79.23
        BU90010102 | 100   | 20.65 | 100
        GM9001     | 50    | 15    | 85
    """)


def test_the_population_stands_below_the_line(figures):
    figures(households, "share", numerator="car", population="rooms >= 2").where(level="gemeente").are("""
        value | numerator | denominator
        ------+-----------+------------
        66.67 | 2         | 3
    """)


def test_a_share_of_nobody_is_not_available(figures):
    figures(households, "share", numerator="car", population="rooms > 2", levels=("buurt",)).are("""
        area       | value | numerator | denominator | n | lower | upper | status
        -----------+-------+-----------+-------------+---+-------+-------+--------------
        BU90010101 | 50    | 1         | 2           | 2 | 9.45  | 90.55 | ok
        BU90010102 |       | 0         | 0           | 0 |       |       | not_available
    """)


def test_a_unit_of_which_the_trait_is_not_known_has_it_not(figures):
    """It stays below the line; who wants it left out says so in the population."""
    units = """
        id | buurt      | car
        ---+------------+----
        1  | BU90010101 | yes
        2  | BU90010101 |
        3  | BU90010101 | no
    """
    figures(units, "share", numerator="car", levels=("gemeente",)).are("""
        value | numerator | denominator
        ------+-----------+------------
        33.33 | 1         | 3
    """)
    figures(units, "share", numerator="car", population="car IS NOT NULL", levels=("gemeente",)).are("""
        value | numerator | denominator
        ------+-----------+------------
        50    | 1         | 2
    """)


def test_a_rate_of_units_is_per_so_many(figures):
    figures(households, "rate", numerator="car", per=1000, levels=("gemeente",)).are("""
        value | numerator | denominator | lower  | upper
        ------+-----------+-------------+--------+-------
        500   | 2         | 4           | 150.04 | 849.96
    """)


def test_a_share_is_taken_within_each_category(figures):
    size = dimension("size", "CASE WHEN rooms < 3 THEN 'small' ELSE 'large' END", "small", "large")
    figures(households, "share", numerator="car", dimensions=(size,), levels=("gemeente",)).are("""
        size  | value | numerator | denominator
        ------+-------+-----------+------------
        TOTAL | 50    | 2         | 4
        small | 50    | 1         | 2
        large | 50    | 1         | 2
    """)
