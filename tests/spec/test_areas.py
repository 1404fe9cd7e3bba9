from figure_tables import city

title = "Areas, levels and addresses that are not known"


def test_figures_roll_up_to_every_level_of_the_division(figures):
    units = """
        id | buurt
        ---+-----------
        1  | BU90010101
        2  | BU90010102
        3  | BU90020101
    """
    figures(units, "count", areas=city(region=True, land=True)).are("""
        level    | area       | value
        ---------+------------+------
        buurt    | BU90010101 | 1
        buurt    | BU90010102 | 1
        buurt    | BU90020101 | 1
        wijk     | WK900101   | 2
        wijk     | WK900201   | 1
        gemeente | GM9001     | 2
        gemeente | GM9002     | 1
        regio    | RG01       | 3
        land     | NL         | 3
    """)


def test_a_unit_of_which_only_the_wijk_or_gemeente_is_known_counts_there(figures):
    units = """
        id | area
        ---+-----------
        1  | BU90010101
        2  | WK900101
        3  | GM9001
        4  | GM9002
    """
    figures(units, "count", areas=city()).are("""
        level    | area       | value
        ---------+------------+------
        buurt    | BU9001---- | 1
        buurt    | BU900101-- | 1
        buurt    | BU90010101 | 1
        buurt    | BU90010102 | 0
        buurt    | BU9002---- | 1
        buurt    | BU90020101 | 0
        wijk     | WK9001--   | 1
        wijk     | WK900101   | 2
        wijk     | WK9002--   | 1
        wijk     | WK900201   | 0
        gemeente | GM9001     | 3
        gemeente | GM9002     | 1
    """)


def test_a_code_that_is_not_in_the_division_counts_in_the_gemeente_and_is_reported(figures):
    units = """
        id | buurt
        ---+-----------
        1  | BU90010101
        2  | BU90019999
        3  | BU90019999
    """
    figures(units, "count", levels=("buurt", "gemeente")).are("""
        area       | value
        -----------+------
        BU9001---- | 2
        BU90010101 | 1
        BU90010102 | 0
        GM9001     | 3
    """)
    assert figures.leftovers == ["2 rows where the area is 'BU90019999': counted in BU9001----"]


def test_where_there_are_several_gemeenten_a_unit_without_address_is_in_no_figure_and_reported(figures):
    units = """
        id | buurt
        ---+-----------
        1  | BU90010101
        2  |
        3  | BU77777777
    """
    figures(units, "count", areas=city(), default=None, levels=("gemeente",)).are("""
        area   | value
        -------+------
        GM9001 | 1
        GM9002 | 0
    """)
    assert figures.leftovers == [
        "1 rows where the area is nothing: in no figure",
        "1 rows where the area is 'BU77777777': in no figure",
    ]


def test_codes_may_have_blanks_around_them(figures):
    units = """
        id | buurt
        ---+--------------
        1  | '  BU90010101 '
    """
    figures(units, "count", levels=("buurt",)).are("""
        area       | value
        -----------+------
        BU90010101 | 1
        BU90010102 | 0
    """)


def test_an_indicator_may_say_itself_where_the_code_is(figures):
    units = """
        id | code
        ---+-------
        1  | '0101'
        2  | '0102'
    """
    figures(units, "count", area="'BU9001' || code", levels=("buurt",)).are("""
        area       | value
        -----------+------
        BU90010101 | 1
        BU90010102 | 1
    """)
