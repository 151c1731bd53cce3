"""What changed between two contracts: every limit in both directions, paths, fields, statuses, and the register.

Nothing here reads a file or decides about an exit code: two contracts in, findings out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.revision import Contract, ContractError

from .finding import REVERSED, Change, Direction, Finding, Severity, Side
from .finding import Collected as _Collected
from .finding import Found as _Found
from .judging import judged
from .layers import Document
from .moving import with_moves
from .operations import Operations
from .rulebook import register_changes

__all__ = ["REVERSED", "SEVERITIES", "Change", "Direction", "Finding", "Severity", "Side", "differences"]

SEVERITIES: tuple[Severity, ...] = ("error", "warn", "info")


def differences(old: Contract, new: Contract) -> tuple[Finding, ...]:
    """Every change from OLD to NEW, the breaking ones first, then by place; empty where nothing changed.

    Where one of them is a single file, that document alone is compared, with the one of the same name. Raises
    `ContractError` where there is none.
    """
    try:
        return _differences(old, new)
    except RecursionError as error:
        raise ContractError(
            f"{old.name}, {new.name}: something stands in itself, or too deep inside of others, to be compared"
        ) from error


def _differences(old: Contract, new: Contract) -> tuple[Finding, ...]:
    found = _Collected()
    for vendor, before, after, file in _documents(old, new):
        if before is None or after is None:
            hint = "gone" if after is None else "feature"
            change: Change = "removed" if after is None else "added"
            found.add(_Found("document", change, vendor, file, "", "", "document", vendor, hint=hint))
            continue
        if before is after:
            continue  # read from the same text
        made = Operations(vendor, file, Document(before), Document(after))
        made.run()
        for one, uses in with_moves(made.found):
            found.add(one, uses)
    if not (old.single or new.single):
        for one in register_changes(old, new):
            found.add(one)
    findings = [judged(one, uses) for one, uses in found]
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[Any, ...]:
    place = (finding.vendor, finding.file, finding.pointer, finding.keyword, finding.subject, finding.change)
    return (SEVERITIES.index(finding.severity), *place, finding.fingerprint)


def _documents(
    old: Contract, new: Contract
) -> list[tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None, str]]:
    """Vendor, its document in OLD and in NEW, and the name of its file."""
    vendors = sorted({*old.documents, *new.documents})
    if old.single or new.single:
        one, other = (old, new) if old.single else (new, old)
        (name,) = one.documents
        twin = name if name in other.documents else next(iter(other.documents), "") if len(other.documents) == 1 else ""
        if not twin:
            raise ContractError(f"{other.name}: has no {name}.openapi.yaml to compare {one.name} with; name the file")
        before, after = (name, twin) if old.single else (twin, name)
        # The names of two files tell nothing of whose they are, and a baseline must not hang on them.
        vendor = after if before == after else ""
        return [(vendor, old.documents[before], new.documents[after], new.files[after])]
    return [
        (vendor, old.documents.get(vendor), new.documents.get(vendor), new.files.get(vendor) or old.files[vendor])
        for vendor in vendors
    ]
