"""What an answer of the vendor must be, held against what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts import Response
from contracts.validation import check, response_schema
from mock_sessionm import SURFACE_OF

from .verdict import Finding

JSON = "application/json"
ACCEPTED = {"braze": 201, "mparticle": 202}
"""The status of success where it is not 200."""
WITHOUT_BODY = {"mparticle"}
"""The APIs whose success is an answer without a body."""


def wrong(step: Mapping[str, Any], answer: Response, body: Any, place: str) -> Iterator[Finding]:
    """Everything in an answer that is not as its step says.

    `refused` and `notes` name the rule that the answer must name; neither means that it names none.
    """
    surface = SURFACE_OF[step["do"]]
    rule = step.get("refused") or step.get("notes") or ""
    named = [part for part in answer.headers.get("x-harness-rule", "").split(",") if part]
    if (rule not in named) if rule else named:
        yield finding(place, f"names {', '.join(named) or 'no rule'}", f"names {rule or 'no rule'}")
    shape = response_schema(surface.vendor, step["do"], answer.status)
    kind = answer.headers.get("content-type", "none").partition(";")[0]
    silent = surface.name in WITHOUT_BODY and answer.status == ACCEPTED[surface.name]
    if silent and (answer.body or kind != "none"):
        yield finding(place, f"a body ({kind}) under HTTP {answer.status}", "no body")
    elif not silent and (shape is None or kind != JSON or check(surface.vendor, shape, body)):
        yield finding(place, f"an answer of another shape under HTTP {answer.status} ({kind})", "the contract's shape")
    refused = bool(step.get("refused"))
    status = step.get("status", None if refused and surface.name == "braze" else ACCEPTED.get(surface.name, 200))
    if status is not None and answer.status != status:
        yield finding(place, f"HTTP {answer.status}", f"HTTP {status}")
    for name, wanted in step.get("headers_say", {}).items():
        if (got := answer.headers.get(name.lower())) != wanted:
            yield finding(place, f"header {name}: {got}", f"header {name}: {wanted}")
    if silent:
        if refused:
            yield finding(place, "accepted", "refused")
        return
    if not isinstance(body, dict):
        yield finding(place, "no JSON object", "a JSON object")
        return
    if (ok := accepted(surface.name, body)) is refused:
        yield finding(place, "accepted" if ok else "refused", "refused" if refused else "accepted")
    code, said = complaint(body)
    if "code" in step and code != step["code"]:
        yield finding(place, f"code {code}", f"code {step['code']}")
    if "mentions" in step and step["mentions"] not in said:
        yield finding(place, "a message that does not name it", f"a message that names {step['mentions']}")
    for name in missing(step.get("says", {}), body):
        yield finding(place, f"another value at {name}", f"the value of the example at {name}")
    for pointer in step.get("lacks", ()):
        if there(body, pointer):
            yield finding(place, f"something at {pointer}", f"nothing at {pointer}")


def accepted(surface: str, body: Mapping[str, Any]) -> bool:
    """Whether a body says that the request went well, in the words of its API."""
    if surface == "braze":
        return body.get("message") == "success"
    if surface == "customerio":
        return "meta" not in body
    if surface == "customerio-v2":
        # With an index, an error is that of one operation among others that were taken.
        return "meta" not in body and all("batch_index" in error for error in body.get("errors", ()))
    return str(body.get("status", "")).lower() == "ok"


def complaint(body: Mapping[str, Any]) -> tuple[str, str]:
    """The code of a refusal (Braze, Customer.io: its first text), and everything that was said about it."""
    meta = body.get("meta")
    if isinstance(meta, dict):
        told = [str(text) for text in meta.get("errors", [meta.get("error", "")])]
        return told[0], "; ".join(told)
    errors = body.get("errors")
    if isinstance(errors, list):
        first = errors[0] if errors else {}
        code = first.get("code") if isinstance(first, dict) else None
        texts = [one.get("message", "") if isinstance(one, dict) else str(one) for one in errors]
        return str(code or body.get("message") or ""), "; ".join(texts)
    found = errors if isinstance(errors, dict) else body
    return str(found.get("code") or body.get("message") or ""), str(found.get("message") or "")


def missing(wanted: Any, got: Any, name: str = "") -> Iterator[str]:
    """Places at which `got` has not what `wanted` has; more may be there."""
    if isinstance(wanted, Mapping):
        for key, inner in wanted.items():
            if not (isinstance(got, Mapping) and key in got):
                yield f"{name}/{key}"
            else:
                yield from missing(inner, got[key], f"{name}/{key}")
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, inner in enumerate(wanted):
            yield from missing(inner, got[index], f"{name}/{index}")
    elif wanted != got or isinstance(wanted, bool) is not isinstance(got, bool):
        yield name


def at(body: Any, pointer: str) -> Any:
    """What stands at a JSON pointer. Raises `LookupError` where nothing does."""
    for part in pointer.split("/")[1:]:
        try:
            body = body[int(part)] if isinstance(body, list) else body[part]
        except (TypeError, ValueError) as error:
            raise LookupError(f"nothing at {pointer}") from error
    return body


def there(body: Any, pointer: str) -> bool:
    try:
        at(body, pointer)
    except LookupError:
        return False
    return True


def finding(place: str, got: str, wanted: str) -> Finding:
    """A finding whose rule the runner fills in: it is the rule on trial."""
    return Finding("", f"{place}: {got}, wanted {wanted}", place, got, wanted)
