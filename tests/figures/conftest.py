"""Failures in the tables that the tests share are explained as if they stood in the tests."""

import pytest

pytest.register_assert_rewrite("figure_tables")
