"""What our Turtle says is what the JSON-LD says: rdflib reads both."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from zicht.governance.papers.turtle import turtle

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
"""Quotes, line ends, backslashes and signs that no keyboard has."""
TAILS = st.text(st.sampled_from("aZ09-_.:/#%é"), min_size=1, max_size=8)
ADDRESSES = st.builds(
    lambda space, tail: space + tail,
    st.sampled_from(
        ["https://stad.example/", "http://www.w3.org/ns/dcat#", "http://www.w3.org/2001/XMLSchema#"]
    ),
    TAILS,
)
VALUES = st.one_of(
    st.fixed_dictionaries({"@id": ADDRESSES}),
    st.fixed_dictionaries({"@value": WORDS}),
    st.fixed_dictionaries({"@value": WORDS, "@language": st.sampled_from(["nl", "en"])}),
    st.fixed_dictionaries({"@value": WORDS, "@type": st.just("https://stad.example/kind")}),
)
NODES = st.builds(
    lambda address, kinds, said: {"@id": address, "@type": kinds} | said,
    ADDRESSES,
    st.lists(ADDRESSES, min_size=1, max_size=2),
    st.dictionaries(ADDRESSES, st.lists(VALUES, max_size=3), max_size=3),
)


@settings(max_examples=40)
@given(st.lists(NODES, max_size=4))
def test_turtle_says_what_the_nodes_say(nodes):
    ours = Graph().parse(data=turtle(nodes), format="turtle")
    theirs = Graph().parse(data=json.dumps(nodes), format="json-ld")
    assert set(ours) == set(theirs)


def test_an_address_that_would_end_itself_does_not():
    text = turtle([{"@id": "https://stad.example/a> . <b", "@type": ["https://stad.example/kind"]}])
    assert len(Graph().parse(data=text, format="turtle")) == 1
