"""The field list of a processing activity."""

from __future__ import annotations

from zicht.governance import processing_breaches

ACTIVITY = {
    "id": "https://data.voorbeeldstad.example/id/verwerking/bijstand",
    "version": 1,
    "validFrom": "2026-01-01",
    "name": "Bijstandsstatistiek",
    "controller": "https://identifier.overheid.nl/tooi/id/gemeente/gm0999",
    "dpoContact": "fg@voorbeeldstad.example",
    "purpose": ["https://w3id.org/dpv#ProvideOfficialStatistics"],
    "purposeText": "Beleidsstatistiek",
    "legalBasis": ["https://w3id.org/dpv/legal/eu/gdpr#A6-1-e"],
    "legalBasisText": "Participatiewet",
    "dataSubjects": ["https://w3id.org/dpv#Citizen"],
    "personalData": {"categories": ["https://w3id.org/dpv/pd#Income"], "retentionPeriod": "P2Y"},
    "processing": ["https://w3id.org/dpv#Collect"],
    "recipients": [],
    "transferOutsideEea": False,
    "measures": [{"measureType": "technisch", "measure": "https://w3id.org/dpv#Pseudonymisation"}],
    "dpia": {"status": "uitgevoerd", "date": "2026-02-01"},
}


def test_a_whole_activity_keeps_to_the_field_list() -> None:
    assert processing_breaches(ACTIVITY) == ()


def test_special_data_need_a_ground_of_article_9() -> None:
    special = {**ACTIVITY["personalData"], "special": True}
    assert processing_breaches({**ACTIVITY, "personalData": special})


def test_a_date_that_does_not_exist_is_a_breach() -> None:
    (breach,) = processing_breaches({**ACTIVITY, "validFrom": "2026-02-30"})
    assert breach.startswith("validFrom: ")
