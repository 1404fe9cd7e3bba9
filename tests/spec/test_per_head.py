from figure_tables import dimension

title = "Rates of events per head"

incidents = """
    id | buurt      | period    | sex
    ---+------------+-----------+----
    1  | BU90010101 | '2024-01' | m
    2  | BU90010101 | '2024-01' | v
    3  | BU90010102 | '2024-02' | m
"""

persons = """
    id | buurt      | period | sex
    ---+------------+--------+----
    1  | BU90010101 | '2024' | m
    2  | BU90010101 | '2024' | m
    3  | BU90010101 | '2024' | v
    4  | BU90010102 | '2024' | v
"""

SEX = dimension("sex", "sex", "m", "v")


def test_events_are_divided_by_the_heads_of_the_same_area_and_year(figures):
    figures.per_head(incidents, persons, per=100).where(level="gemeente").are("""
        period    | value | numerator | denominator | n
        ----------+-------+-----------+-------------+--
        '2024-01' | 50    | 2         | 4           | 2
        '2024-02' | 25    | 1         | 4           | 1
    """)


def test_the_interval_is_the_exact_one_of_poisson(figures):
    """Two events can be 0.24 to 7.22 in the long run, after Garwood; also none can be as many as 3.69."""
    figures.per_head(incidents, persons, per=1, levels=("buurt",)).where(period="2024-01").are("""
        area       | numerator | denominator | lower | upper
        -----------+-----------+-------------+-------+------
        BU90010101 | 2         | 3           | 0.08  | 2.41
        BU90010102 | 0         | 1           | 0     | 3.69
    """)


def test_the_same_category_stands_above_and_below_the_line(figures):
    figures.per_head(incidents, persons, by=(SEX,), heads_by=(SEX,), per=100).where(
        level="gemeente", period="2024-01"
    ).are("""
        sex   | value | numerator | denominator
        ------+-------+-----------+------------
        TOTAL | 50    | 2         | 4
        m     | 50    | 1         | 2
        v     | 50    | 1         | 2
    """)


def test_heads_that_are_not_broken_down_stand_below_every_category(figures):
    figures.per_head(incidents, persons, by=(SEX,), per=100).where(level="gemeente", period="2024-01").are("""
        sex   | value | numerator | denominator
        ------+-------+-----------+------------
        TOTAL | 50    | 2         | 4
        m     | 25    | 1         | 4
        v     | 25    | 1         | 4
    """)


def test_a_year_without_heads_has_no_rate(figures):
    figures.per_head(
        incidents.replace("'2024-02'", "'2023-02'"), persons, per=100, levels=("gemeente",)
    ).are("""
        period    | value | numerator | denominator | lower | status
        ----------+-------+-----------+-------------+-------+--------------
        '2023-02' |       | 1         |             |       | not_available
        '2024-01' | 50    | 2         | 4           | 6.06  | ok
    """)


def test_an_area_without_heads_has_no_rate(figures):
    nobody = persons.replace("BU90010102", "BU90010101")
    figures.per_head(incidents, nobody, per=100, levels=("buurt",)).where(period="2024-02").are("""
        area       | value | numerator | denominator | status
        -----------+-------+-----------+-------------+--------------
        BU90010101 | 0     | 0         | 4           | ok
        BU90010102 |       | 1         |             | not_available
    """)
