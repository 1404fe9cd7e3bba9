"""The report of protection for people: counted, as text, and as a page with charts."""

from zicht.disclosure.presentation.overview import OVERVIEW_SCHEMA, overview
from zicht.disclosure.presentation.page import report_page
from zicht.disclosure.presentation.sheet import LANGUAGES, Sheet
from zicht.disclosure.presentation.text import report_text

__all__ = ["LANGUAGES", "OVERVIEW_SCHEMA", "Sheet", "overview", "report_page", "report_text"]
