"""A body held against an operation of a vendor's contract: which rules it breaks, and where.

A compiled validator says yes in microseconds; only where it says no is jsonschema asked, whose errors hand
back the mark (`x-rules`) of the keyword that failed, also through a `$ref`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from .interaction import Violation, pointer
from .register import openapi

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

CONTRACT = "contract"
"""Last part of the id under which a breach is reported that no rule of the register names."""

EXPLAINED = 1_000
"""So many members of one list or object are explained one by one; far more than any documented limit."""

METHODS = ("get", "put", "post", "delete", "patch")

REMEMBERED, LONGEST = 256, 16_384
"""So many texts that hold are known again, if they have no more bytes than that."""
_held: set[tuple[str, str, bytes]] = set()

Numbers = tuple[tuple[str, int], ...]
"""Rules with the numbers that stand beside their marks, for an experiment, in the place of the contract's own."""


def validate(vendor: str, operation: str, body: Any, numbers: Numbers = ()) -> list[Violation]:
    """Everything in `body` that breaks the contract of `operation`, in the order of the schema.

    `vendor` and `operation` name an OpenAPI file and an operationId in it. `body` is parsed JSON.
    An empty list means that the contract holds. Raises `KeyError` for an unknown operation.
    """
    return check(vendor, request_schema(vendor, operation), body, numbers)


def holds(vendor: str, operation: str, raw: bytes, body: Any, numbers: Numbers = ()) -> bool:
    """Whether the contract holds for `body`, which is what `raw` says. A text is looked at once by whoever asks."""
    text = (vendor, request_schema(vendor, operation), raw)
    if text in _held and not numbers:
        return True
    held = compiled(vendor, text[1], numbers).is_valid(body)
    if held and not numbers and len(raw) <= LONGEST:
        if len(_held) >= REMEMBERED:
            _held.clear()
        _held.add(text)
    return held


def held(vendor: str, operation: str, raw: bytes) -> bool:
    """Whether the contract is known to hold for this text; False for one that nobody has looked at."""
    return (vendor, request_schema(vendor, operation), raw) in _held


def check(vendor: str, schema: str, body: Any, numbers: Numbers = ()) -> list[Violation]:
    """The same against a schema at a place in the vendor's document, such as `#/components/schemas/Batch`."""
    quick = compiled(vendor, schema, numbers)
    return [] if quick.is_valid(body) else explained(vendor, quick, _explaining(vendor, schema, numbers), body)


def explained(vendor: str, quick: jsonschema_rs.Validator, slow: Validator, body: Any) -> list[Violation]:
    """What is wrong with a body that the validators say no to; they come from `quick_validator`, `slow_validator`."""
    found = _explained(vendor, slow, _shortened(body), body) or _explained(vendor, slow, body, body)
    return list(dict.fromkeys(found or _plain(vendor, quick, body)))


@cache
def operations(vendor: str) -> Mapping[str, tuple[str, str]]:
    """Every operation of a vendor: operationId -> (method in upper case, path template)."""
    return {
        part["operationId"]: (method.upper(), path)
        for path, item in openapi(vendor)["paths"].items()
        for method, part in item.items()
        if method in METHODS
    }


@cache
def request_schema(vendor: str, operation: str) -> str:
    """Where the body's schema of an operation stands in the vendor's document."""
    method, path = operations(vendor)[operation]
    place = f"#/paths/{_escape(path)}/{method.lower()}/requestBody"
    body = openapi(vendor)["paths"][path][method.lower()]["requestBody"]
    if "$ref" in body:
        place = body["$ref"]
    return f"{place}/content/application~1json/schema"


@cache
def statuses(vendor: str, operation: str) -> frozenset[int]:
    """The HTTP statuses under which the contract lists an answer of an operation."""
    method, path = operations(vendor)[operation]
    return frozenset(int(status) for status in openapi(vendor)["paths"][path][method.lower()]["responses"])


@cache
def takes_body(vendor: str, operation: str) -> bool:
    """Whether an operation has a body."""
    method, path = operations(vendor)[operation]
    return "requestBody" in openapi(vendor)["paths"][path][method.lower()]


@cache
def response_schema(vendor: str, operation: str, status: int) -> str | None:
    """Where the schema of an answer stands; None where the contract lists no body for this status."""
    method, path = operations(vendor)[operation]
    answers = openapi(vendor)["paths"][path][method.lower()]["responses"]
    answer = answers.get(str(status))
    if answer is None:
        return None
    place = f"#/paths/{_escape(path)}/{method.lower()}/responses/{status}"
    if "$ref" in answer:
        place = answer["$ref"]
        answer = openapi(vendor)["components"]["responses"][place.rpartition("/")[2]]
    return f"{place}/content/application~1json/schema" if "content" in answer else None


@cache
def compiled(vendor: str, schema: str, numbers: Numbers = ()) -> jsonschema_rs.Validator:
    """A validator that says yes or no in microseconds; made once for each place in a document."""
    return quick_validator(_document(vendor, numbers), schema)


@cache
def _explaining(vendor: str, schema: str, numbers: Numbers) -> Validator:
    return slow_validator(_document(vendor, numbers), schema)


@lru_cache(maxsize=16)
def _document(vendor: str, numbers: Numbers) -> Mapping[str, Any]:
    """A vendor's document, with other numbers beside the marks of some rules."""
    made: Mapping[str, Any] = _renumbered(openapi(vendor), dict(numbers)) if numbers else openapi(vendor)
    return made


def _renumbered(part: Any, numbers: Mapping[str, int]) -> Any:
    if isinstance(part, list):
        return [_renumbered(inner, numbers) for inner in part]
    if not isinstance(part, Mapping):
        return part
    made = {name: _renumbered(inner, numbers) for name, inner in part.items()}
    for keyword, rule in part.get("x-rules", {}).items():
        if rule in numbers and isinstance(part[keyword], int) and not isinstance(part[keyword], bool):
            made[keyword] = numbers[rule]
    return made


def quick_validator(document: Mapping[str, Any], schema: str) -> jsonschema_rs.Validator:
    """A validator for a place in any document, such as `#/components/schemas/Batch`; it says yes or no."""
    return jsonschema_rs.Draft202012Validator({**document, "$ref": schema}, validate_formats=True)


def slow_validator(document: Mapping[str, Any], schema: str) -> Validator:
    """The same; it says what is wrong, and hands back marks."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    ordered: Any = extend(Draft202012Validator, {"additionalProperties": _additional})  # type: ignore[no-untyped-call]
    made: Validator = ordered({**document, "$ref": schema}, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return made


def _explained(vendor: str, slow: Validator, shown: Any, whole: Any) -> list[Violation]:
    """What jsonschema finds in `shown`, with sizes as they are in the `whole` body."""
    errors = slow.iter_errors(shown)
    return [violation for error in errors for violation in _leaves(vendor, error, whole)]


def _shortened(value: Any) -> Any:
    """The value with no more than `EXPLAINED` members of each list and object, which is enough to say what is wrong.

    Explaining takes fifty microseconds a name: a hundred thousand of them would hold up everybody else for seconds.
    """
    if isinstance(value, Mapping):
        return {name: _shortened(value[name]) for name in islice(value, EXPLAINED)}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value[:EXPLAINED]]
    return value


def _within(body: Any, path: Iterable[str | int]) -> Any:
    for part in path:
        body = body[part]
    return body


def _additional(validator: Any, allowed: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """The keyword, in the order of the body: jsonschema walks a set here, whose order differs between processes."""
    from jsonschema import Draft202012Validator

    if not isinstance(allowed, Mapping) or not isinstance(instance, Mapping):
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, instance, schema)
        return
    patterns = "|".join(schema.get("patternProperties", {}))
    for name in instance:
        if name not in schema.get("properties", {}) and not (patterns and re.search(patterns, name)):
            yield from validator.descend(instance[name], allowed, path=name)


def _plain(vendor: str, quick: jsonschema_rs.Validator, body: Any) -> Iterator[Violation]:
    """What the compiled validator says, for a body in which jsonschema finds nothing: the stricter of two holds."""
    for error in quick.iter_errors(body):
        place = pointer(*error.instance_path)
        yield Violation(f"{vendor}.{CONTRACT}", place, f"{place or 'the body'}: does not satisfy the contract")


def _leaves(vendor: str, error: ValidationError, whole: Any) -> Iterator[Violation]:
    """One violation for a keyword that carries a mark; else for each of the errors inside it; else for itself."""
    marked = isinstance(error.schema, Mapping) and error.validator in error.schema.get("x-rules", {})
    if error.context and not marked:
        for inner in error.context:
            yield from _leaves(vendor, inner, whole)
        return
    keyword = str(error.validator)
    rule = error.schema["x-rules"][keyword] if marked and isinstance(error.schema, Mapping) else f"{vendor}.{CONTRACT}"
    place = pointer(*error.absolute_path)
    named = "propertyNames" in error.absolute_schema_path and isinstance(error.instance, str)
    if named:
        place += pointer(str(error.instance))
    got, allowed = _measured(keyword, error, error.instance if named else _within(whole, error.absolute_path))
    yield Violation(rule, place, f"{place or 'the body'}: {_sentence(keyword, got, allowed, named)}", got, allowed)


def _measured(keyword: str, error: ValidationError, value: Any) -> tuple[str, str]:
    """What came and what is allowed, as sizes, kinds and names; never a value."""
    limit: Any = error.validator_value
    match keyword:
        case "maxProperties" | "minProperties":
            return f"{len(value)} names", f"{limit}"
        case "maxItems" | "minItems":
            return f"{len(value)} items", f"{limit}"
        case "maxLength" | "minLength":
            return f"{len(value)} characters", f"{limit}"
        case "minimum" | "maximum":
            return f"{value}", f"{limit}"
        case "type":
            return _kind(value), limit if isinstance(limit, str) else " or ".join(limit)
        case "required":
            missing = [name for name in limit if name not in value]
            return "nothing", ", ".join(missing)
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
            return ", ".join(sorted(set(value) - set(known))), "only " + ", ".join(known)
        case "anyOf":
            choices = [part.get("required", []) for part in limit]
            return "none of them", " or ".join(", ".join(choice) for choice in choices)
        case _:
            return _kind(value), json.dumps(limit) if not isinstance(limit, str) else limit


def _sentence(keyword: str, got: str, allowed: str, named: bool) -> str:
    match keyword:
        case "maxProperties" | "maxItems" | "maxLength" | "maximum":
            return f"{got}, at most {allowed}"
        case "minProperties" | "minItems" | "minLength" | "minimum":
            return f"{got}, at least {allowed}"
        case "type":
            return f"{got}, must be {allowed}"
        case "required" | "anyOf":
            return f"missing {allowed}"
        case "additionalProperties":
            return f"unknown {got}"
        case "enum" | "const":
            return f"must be one of {allowed}"
        case "pattern":
            return f"the {'name' if named else 'text'} must match {allowed}"
        case _:
            return f"does not satisfy {keyword} {allowed}"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _escape(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
