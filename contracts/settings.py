"""A settings file, read and held against its schema: tenant.toml and connection.toml.

A bad file is one line that names file, line, key and what was expected. A secret may stand as
`{ env = "NAME" }`; the variable is read when the file is read, and never before.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from .register import Choices, RegisterError, load_yaml, nearest


class SettingsError(ValueError):
    """A settings file cannot be used; the text is one line with file, line, key and expectation."""


def read(path: Path, schema: str) -> dict[str, Any]:
    """The settings in a TOML file, valid against `schema` (a file of this package), secrets filled in.

    Raises `SettingsError`, also where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    return parse(text, schema, str(path))


def parse(text: str, schema: str, name: str) -> dict[str, Any]:
    """The same from a text; `name` stands for the file in messages."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: is not TOML: {error}") from error
    return checked(raw, schema, name, text)


def checked(raw: Mapping[str, Any], schema: str, name: str, text: str = "", *, secrets: bool = True) -> dict[str, Any]:
    """Settings that are already parsed, such as the JSON form of a tenant; as `read` otherwise.

    Without `secrets` no environment variable is read: what came over the network must not ask for one.
    """
    filled: dict[str, Any] = _filled(raw, name, text, ()) if secrets else dict(raw)
    errors = () if _fits(schema, filled) else _validator(schema).iter_errors(filled)
    for first in sorted(errors, key=lambda e: list(map(str, e.absolute_path)))[:1]:
        error = _meant(first)
        place = [str(part) for part in error.absolute_path]
        raise SettingsError(f"{name}{_line(text, place, error)}: {sentence(place, error)}")
    for assumption, choice in filled.get("assumptions", {}).items():
        try:
            Choices({assumption: choice})
        except RegisterError as wrong:
            raise SettingsError(f"{name}{_at(text, ['assumptions', assumption])}: [assumptions] {wrong}") from wrong
    return filled


def _fits(schema: str, settings: dict[str, Any]) -> bool:
    """Whether nothing is wrong, in microseconds; jsonschema, which takes long to import, is asked what else is."""
    try:
        return _compiled(schema).is_valid(settings)
    except ValueError:
        # A date, which TOML has and JSON has not.
        return False


@cache
def _compiled(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(load_yaml(schema))


@cache
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_yaml(schema))


def _filled(value: Any, name: str, text: str, place: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"env"} and isinstance(value["env"], str):
            if value["env"] not in os.environ:
                raise SettingsError(
                    f"{name}{_at(text, list(place))}: {'.'.join(place)} wants the environment variable "
                    f"{value['env']}, which is not set"
                )
            return os.environ[value["env"]]
        return {key: _filled(part, name, text, (*place, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, name, text, (*place, str(index))) for index, part in enumerate(value)]
    return value


def _meant(error: Any) -> Any:
    """What is wrong within the one form of several that the names of the table mean; the error itself otherwise."""
    if error.validator != "oneOf" or not isinstance(error.instance, Mapping):
        return error
    by_form: dict[int, list[Any]] = {}
    for inner in error.context:
        by_form.setdefault(inner.schema_path[0], []).append(inner)
    begun = [by_form[number] for number, form in enumerate(error.validator_value) if _begins(form, error.instance)]
    return _meant(begun[0][0]) if len(begun) == 1 else error


def _begins(form: Mapping[str, Any], table: Mapping[str, Any]) -> bool:
    """Whether a table has all the names without which it cannot be of this form."""
    return all(name in table for name in form.get("required", []))


def sentence(place: list[str], error: Any) -> str:
    key = ".".join(place) or "the file"
    match error.validator:
        case "oneOf" if isinstance(error.instance, Mapping):
            forms = [" and ".join(form.get("required", [])) for form in error.validator_value]
            return f"{key} has not the names of one form; expected {', or '.join(form for form in forms if form)}"
        case "minimum" | "maximum":
            return f"{key} must be at {'least' if error.validator == 'minimum' else 'most'} {error.validator_value}"
        case "type":
            wanted = error.validator_value
            wanted = wanted if isinstance(wanted, str) else " or ".join(wanted)
            return f"{key} must be {_toml_kind(wanted)}, not {_toml_kind(_kind(error.instance))}"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            unknown = next(part for part in error.instance if part not in known)
            near = nearest(unknown, known)
            mend = f"did you mean {near!r}?" if near else f"known: {', '.join(known) or 'none'}"
            return f"{'.'.join([*place, unknown])} is not a setting; {mend}"
        case "required":
            missing = next(part for part in error.validator_value if part not in error.instance)
            return f"missing required setting {'.'.join([*place, missing])}"
        case "enum":
            return f"{key} must be one of {', '.join(map(str, error.validator_value))}"
        case "pattern" if _is_name(error):
            wanted = error.schema.get("description") or error.validator_value
            return f"{'.'.join([*place, error.instance])} has a name that nothing can have; expected {wanted}"
        case "pattern":
            wanted = error.schema.get("description") or error.validator_value
            return f"{key} has an unknown form; expected {wanted}"
        case "dependentRequired":
            missing = next(
                part for parts in error.validator_value.values() for part in parts if part not in error.instance
            )
            return f"{key} has one part of a pair; {'.'.join([*place, missing])} is missing"
        case "minLength" | "minItems":
            return f"{key} must not be empty"
        case "uniqueItems":
            return f"{key} names something twice"
        case _:
            return f"{key} does not satisfy {error.validator} {error.validator_value}"


def _line(text: str, place: list[str], error: Any) -> str:
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        place = [*place, next(part for part in error.instance if part not in known)]
    elif _is_name(error):
        place = [*place, error.instance]
    return _at(text, place)


def _is_name(error: Any) -> bool:
    """Whether it is the name of a setting that is wrong, and not what stands there."""
    return "propertyNames" in error.absolute_schema_path and isinstance(error.instance, str)


def _at(text: str, place: list[str]) -> str:
    """`, line N` of the place in a TOML text, as near as its keys can be found; empty without a text."""
    if not text:
        return ""
    best = depth = 0
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\[?\s*(.+?)\s*\]\]?\s*(#.*)?$", line)
        if header:
            table = [part.strip().strip("\"'") for part in re.findall(r'"[^"]*"|\'[^\']*\'|[^.]+', header[1])]
            keys = table
        else:
            assigned = re.match(r"\s*(\"[^\"]*\"|'[^']*'|[\w.-]+)\s*=", line)
            if not assigned:
                continue
            name = assigned[1]
            keys = [*table, *([name.strip("\"'")] if name[0] in "\"'" else name.split("."))]
        named = [part for part in place if not part.isdigit()]
        shared = len(keys) if keys == named[: len(keys)] else 0
        if shared > depth:
            best, depth = number, shared
    return f", line {best}" if best else ""


def _kind(value: Any) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"


def _toml_kind(name: str) -> str:
    names = {"object": "a table", "array": "a list", "boolean": "true or false", "string": "text"}
    return names.get(name) or ("a whole number" if name == "integer" else f"a {name}")
