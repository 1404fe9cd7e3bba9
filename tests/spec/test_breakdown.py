from figure_tables import dimension

title = "Breakdowns and their totals"

persons = """
    id | buurt      | sex | age
    ---+------------+-----+----
    1  | BU90010101 | m   | 10
    2  | BU90010101 | v   | 30
    3  | BU90010101 | v   | 40
    4  | BU90010102 | m   | 50
"""

SEX = dimension("sex", "sex", "m", "v")
AGE = dimension("age_group", "CASE WHEN age < 18 THEN 'young' ELSE 'adult' END", "young", "adult")


def test_the_total_is_written_out_beside_the_categories(figures):
    figures(persons, "count", dimensions=(SEX,), levels=("gemeente",)).are("""
        area   | sex   | value
        -------+-------+------
        GM9001 | TOTAL | 4
        GM9001 | m     | 2
        GM9001 | v     | 2
    """)


def test_two_breakdowns_give_every_combination_and_every_margin(figures):
    figures(persons, "count", dimensions=(SEX, AGE), levels=("gemeente",)).are("""
        sex   | age_group | value
        ------+-----------+------
        TOTAL | TOTAL     | 4
        TOTAL | young     | 1
        TOTAL | adult     | 3
        m     | TOTAL     | 2
        m     | young     | 1
        m     | adult     | 1
        v     | TOTAL     | 2
        v     | young     | 0
        v     | adult     | 2
    """)


def test_units_outside_the_categories_are_of_an_unknown_one(figures):
    """So the categories still add up to the total. The category is there only where such units are, and what they say is reported."""
    units = """
        id | buurt      | sex
        ---+------------+----
        1  | BU90010101 | m
        2  | BU90010101 | x
        3  | BU90010101 |
    """
    figures(units, "count", dimensions=(SEX,), levels=("gemeente",)).are("""
        sex     | value
        --------+------
        TOTAL   | 3
        m       | 1
        v       | 0
        UNKNOWN | 2
    """)
    assert figures.leftovers == ["1 rows where dimension sex is 'x': counted in UNKNOWN"]


def test_contributions_are_merged_over_categories_too(figures):
    figures(persons, "sum", value="age", dimensions=(SEX,), levels=("gemeente",)).are("""
        sex   | value | largest | second
        ------+-------+---------+-------
        TOTAL | 130   | 50      | 40
        m     | 60    | 50      | 10
        v     | 70    | 40      | 30
    """)
