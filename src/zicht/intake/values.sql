-- From text to values. Every macro takes trimmed text and gives null for what is not such a value.
-- First the quick way, for what is written as DuckDB itself would write it; then by shape.

CREATE TEMP MACRO zicht_finite(n) AS CASE WHEN isfinite(n) THEN n END;

-- A decimal point; nothing that groups digits.
CREATE TEMP MACRO zicht_plain(t) AS
    CASE WHEN regexp_full_match(t, '[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,4})?') THEN zicht_finite(TRY_CAST(t AS DOUBLE)) END;

CREATE TEMP MACRO zicht_number_point(t) AS
    CASE WHEN contains(t, ',')
        THEN CASE WHEN regexp_full_match(t, '[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?') THEN zicht_plain(replace(t, ',', '')) END
        ELSE zicht_plain(t) END;

CREATE TEMP MACRO zicht_number_comma(t) AS
    CASE WHEN contains(t, '.')
        THEN CASE WHEN regexp_full_match(t, '[-+]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?') THEN zicht_plain(replace(replace(t, '.', ''), ',', '.')) END
        ELSE zicht_plain(replace(t, ',', '.')) END;

-- Written by a program, or not known: a point is a decimal point, so is a single comma, and nothing groups digits.
CREATE TEMP MACRO zicht_number_mixed(t) AS
    CASE WHEN contains(t, ',')
        THEN CASE WHEN regexp_full_match(t, '[-+]?[0-9]+,[0-9]+') THEN zicht_plain(replace(t, ',', '.')) END
        ELSE zicht_plain(t) END;

-- Whole numbers. `n` is the number as read; beyond 2^53 a double no longer holds every whole number, so the digits decide.
CREATE TEMP MACRO zicht_integer(t, n) AS
    CASE WHEN TRY_CAST(t AS BIGINT)::VARCHAR = t THEN TRY_CAST(t AS BIGINT)
         WHEN regexp_full_match(t, '[-+]?[0-9]+') THEN TRY_CAST(t AS BIGINT)
         WHEN n = trunc(n) AND abs(n) <= 9007199254740992 THEN TRY_CAST(n AS BIGINT) END;

CREATE TEMP MACRO zicht_date(t) AS
    CASE WHEN TRY_CAST(t AS DATE)::VARCHAR = t AND length(t) = 10 THEN TRY_CAST(t AS DATE)
         WHEN regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00(\.0+)?)?)?') THEN TRY_CAST(left(t, 10) AS DATE)
         WHEN regexp_full_match(t, '[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}') THEN try_strptime(t, '%d-%m-%Y')::DATE
         WHEN regexp_full_match(t, '[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}') THEN try_strptime(t, '%d/%m/%Y')::DATE
         WHEN regexp_full_match(t, '[0-9]{8}') THEN try_strptime(t, '%Y%m%d')::DATE END;

-- A moment with an offset from UTC is kept as UTC; one without stays as written.
CREATE TEMP MACRO zicht_timestamp(t) AS
    CASE WHEN regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?)?') THEN TRY_CAST(t AS TIMESTAMP)
         WHEN regexp_full_match(t, '[0-9]{1,2}-[0-9]{1,2}-[0-9]{4} [0-9]{1,2}:[0-9]{2}') THEN try_strptime(t, '%d-%m-%Y %H:%M')
         WHEN regexp_full_match(t, '[0-9]{1,2}-[0-9]{1,2}-[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2}') THEN try_strptime(t, '%d-%m-%Y %H:%M:%S')
         ELSE zicht_date(t)::TIMESTAMP END;

CREATE TEMP MACRO zicht_boolean(t) AS
    CASE WHEN lower(t) IN ('true', '1', 'ja', 'j', 'yes', 'y', 'waar') THEN true
         WHEN lower(t) IN ('false', '0', 'nee', 'n', 'no', 'onwaar') THEN false END;
