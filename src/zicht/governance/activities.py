"""Purposes as other registers read them: one JSON document an activity, after AVG art. 30, with terms of W3C DPV 2.3."""

from __future__ import annotations

from zicht.declare import Project, PurposeFile
from zicht.governance.standard import processing_breaches

_PREFIXES = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
}


def uri_of(project: Project, kind: str, id_: str) -> str:
    """The address by which others refer to a declared thing.

    Args:
        project: the project; its organisation's website is where the address begins.
        kind: such as `verwerking`.
        id_: id of the thing.

    Returns:
        A web address, or a URN where the organisation has no website.
    """
    site = project.file.organisation.url.rstrip("/")
    return (
        f"{site}/id/{kind}/{id_}"
        if site.startswith("https://")
        else f"urn:zicht:{project.file.id}:{kind}:{id_}"
    )


def activity_of(project: Project, purpose: PurposeFile) -> dict[str, object]:
    """A purpose as a processing activity.

    Args:
        project: the project.
        purpose: one of its purposes.

    Returns:
        What JSON can hold, valid against `processing_schema`.
    """
    sources = {project.registers[id_].source for id_ in purpose.registers} - {None}
    activity: dict[str, object] = {
        "id": uri_of(project, "verwerking", purpose.id),
        "version": purpose.version,
        "validFrom": purpose.valid_from.isoformat(),
        "name": purpose.title.nl,
        "controller": purpose.controller.id,
        "dpoContact": purpose.dpo_contact,
        "purpose": _full(purpose.purpose),
        "purposeText": purpose.aim.nl,
        "legalBasis": _full(purpose.legal_basis),
        "legalBasisText": purpose.legal_basis_text,
        "dataSubjects": _full([one.term for one in purpose.data_subjects]),
        "personalData": {
            "categories": _full([one.term for one in purpose.categories]),
            "special": purpose.special,
            "bsn": purpose.bsn,
            "retentionPeriod": purpose.retention,
            "retentionBasis": purpose.retention_basis,
        },
        "processing": _full(purpose.processing),
        "recipients": [
            {
                "legalRole": one.role,
                "entity": one.id,
                **({"agreement": one.agreement} if one.agreement else {}),
            }
            for one in purpose.recipients
        ],
        "transferOutsideEea": purpose.transfer_outside_eea,
        "measures": [
            {
                "measureType": one.kind,
                "measure": _full([one.term])[0],
                **({"risks": one.against} if one.against else {}),
            }
            for one in purpose.measures
        ],
        "dpia": {
            "status": purpose.dpia.status,
            **({"document": purpose.dpia.document} if purpose.dpia.document else {}),
            **({"date": purpose.dpia.date.isoformat()} if purpose.dpia.date else {}),
        },
        "sources": sorted(uri_of(project, "bron", str(id_)) for id_ in sources),
    }
    if purpose.valid_until is not None:
        activity["validUntil"] = purpose.valid_until.isoformat()
    if purpose.bsn_basis is not None:
        activity["bsnBasis"] = purpose.bsn_basis
    if purpose.transfer_safeguard is not None:
        activity["transferSafeguard"] = purpose.transfer_safeguard
    if breaches := processing_breaches(activity):
        raise ValueError(f"{purpose.id}: {breaches[0]}")  # the model asks for more than the schema does
    return activity


def _full(terms: object) -> list[str]:
    listed = [str(term).partition(":") for term in terms] if isinstance(terms, list | tuple) else []
    return list(dict.fromkeys(f"{_PREFIXES[prefix]}{name}" for prefix, _, name in listed))
