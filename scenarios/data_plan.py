"""An mParticle data plan, and how a batch deviates from it: casing included, for names match exactly.

Source: mparticle-data-plans. A plan that says nothing of a kind of data point plans none of it. Text that stands
for a number or a truth value satisfies a plan that asks for one, as on mParticle's server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from contracts.interaction import pointer
from contracts.register import nearest
from contracts.settings import SettingsError

from .reading import identity_kind

Kind = Literal["unplanned", "missing_required", "invalid_value"]

KIND_OF_KEYWORD: dict[str, Kind] = {
    "additionalProperties": "unplanned",
    "additionalItems": "unplanned",
    "required": "missing_required",
    "dependentRequired": "missing_required",
}
CRITERIA = {
    "custom_event": ("custom_event_type", "event_name"),
    "screen_view": ("screen_name",),
    "product_action": ("action",),
    "promotion_action": ("action",),
    "application_state_transition": ("application_transition_type",),
}
PLANNABLE = {"custom_event", "screen_view", "commerce_event"}


class Deviation(NamedTuple):
    """One departure from the plan. `nearest` is the planned name that was probably meant."""

    pointer: str
    kind: Kind
    detail: str
    nearest: str | None = None


@dataclass(frozen=True)
class DataPlan:
    """The data points of one version of a plan, by what they match."""

    validators: Mapping[tuple[str, ...], Mapping[str, Any]]

    @classmethod
    def load(cls, path: Path) -> DataPlan:
        """A plan version as mParticle exports it. Raises `SettingsError`: one line with file and reason."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"{path}: is not JSON: {error}") from error
        try:
            # A plan with several versions holds them in a list; the latest is the one in force.
            versions = document.get("data_plan_versions") or [document]
            latest = max(versions, key=lambda version: version.get("version") or 0)
            made = cls.of_points(latest["version_document"]["data_points"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SettingsError(
                f"{path}: is not a data plan: version_document.data_points with match and validator is missing"
            ) from error
        for key, definition in made.validators.items():
            reason = _unusable(definition)
            if reason:
                raise SettingsError(f"{path}: the data point {' '.join(key)}: its validator cannot be used: {reason}")
        return made

    @classmethod
    def of_points(cls, points: Iterable[Mapping[str, Any]]) -> DataPlan:
        """A plan from its data points, each with `match` and `validator`."""
        made = {}
        for point in points:
            match = point["match"]
            criteria = dict(match.get("criteria") or {})
            names = CRITERIA.get(match["type"], ())
            key = (match["type"], *(str(criteria.get(name, "")) for name in names))
            made[key] = (point.get("validator") or {}).get("definition") or {}
        return cls(made)

    def check(self, batch: Mapping[str, Any]) -> list[Deviation]:
        """Every deviation of a batch, in its order: events, then user attributes, then identities."""
        found = [*self._events(batch), *self._user(batch, "user_attributes"), *self._user(batch, "user_identities")]
        return list(dict.fromkeys(found))

    @cached_property
    def _event_names(self) -> list[str]:
        return [key[-1] for key in self.validators if key[0] in {"custom_event", "screen_view"}]

    def _events(self, batch: Mapping[str, Any]) -> Iterator[Deviation]:
        for index, event in enumerate(batch.get("events") or ()):
            kind = event.get("event_type")
            if kind not in PLANNABLE:
                continue
            place = pointer("events", index)
            data = event.get("data") or {}
            key = _key(kind, data)
            definition = self.validators.get(key)
            if definition is None:
                name = key[-1]
                near = nearest(name, self._event_names)
                hint = f"; planned: {near}" if near and near != name else ""
                yield Deviation(place, "unplanned", f"no data point of the plan matches {' '.join(key)}{hint}", near)
            else:
                yield from _deviations(definition, {"data": data, "event_type": kind}, place)

    def _user(self, batch: Mapping[str, Any], part: str) -> Iterator[Deviation]:
        found = batch.get(part)
        definition = self.validators.get((part,))
        if not found or definition is None:
            return
        if part == "user_identities":
            found, places = _identities(found, definition)
            for deviation in _deviations(definition, found, ""):
                yield deviation._replace(pointer=places.get(deviation.pointer, f"/{part}{deviation.pointer}"))
        else:
            yield from _deviations(definition, found, f"/{part}")


def _key(kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
    if kind == "commerce_event":
        for part in ("product_action", "promotion_action"):
            if data.get(part):
                action = data[part].get("action") if isinstance(data[part], Mapping) else None
                return (part, str(action or ""))
        return ("product_impression",)
    return (kind, *(str(data.get(name) or "") for name in CRITERIA[kind]))


def _identities(found: Any, definition: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Identities as a map in the plan's spelling of the customer id; and, by its pointer, where each really stands."""
    pairs = (
        [(kind, value, pointer("user_identities", kind)) for kind, value in found.items()]
        if isinstance(found, Mapping)
        else [(one["identity_type"], one.get("identity"), pointer("user_identities", i)) for i, one in enumerate(found)]
    )
    planned = definition.get("properties", {})
    customer = next((name for name in ("customerid", "customer_id", "customer") if name in planned), "customer_id")
    spelled = [
        (customer if identity_kind(kind) == "customer_id" else kind, value, place) for kind, value, place in pairs
    ]
    return {kind: value for kind, value, _ in spelled}, {pointer(kind): place for kind, _, place in spelled}


def _deviations(definition: Mapping[str, Any], value: Any, place: str) -> Iterator[Deviation]:
    from jsonschema import Draft7Validator

    for error in sorted(Draft7Validator(definition).iter_errors(value), key=lambda e: list(map(str, e.absolute_path))):
        keyword = str(error.validator)
        kind = KIND_OF_KEYWORD.get(keyword, "invalid_value")
        here = place + pointer(*error.absolute_path)
        schema: Any = error.schema
        instance: Any = error.instance
        if keyword == "additionalProperties" and isinstance(instance, Mapping):
            planned = list(schema.get("properties", {}))
            for name in instance:
                if name not in planned:
                    near = nearest(name, planned)
                    hint = f"; planned: {near}" if near else ""
                    yield Deviation(here + pointer(name), "unplanned", f"{name} is not in the plan{hint}", near)
        elif keyword == "required" and isinstance(instance, Mapping):
            for name in schema["required"]:
                if name not in instance:
                    yield Deviation(here + pointer(name), "missing_required", f"{name} is required by the plan")
        elif keyword == "type" and _coerces(instance, schema["type"]):
            continue
        else:
            yield Deviation(here, kind, f"the plan asks for {keyword} {json.dumps(error.validator_value)}")


def _unusable(definition: Any) -> str | None:
    """Why no value can be held against a definition; None where one can."""
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft7Validator.check_schema(definition, format_checker=Draft7Validator.FORMAT_CHECKER)
    except SchemaError as error:
        place = pointer(*error.absolute_path)
        return " ".join(f"{place} {error.message}".split())
    except RecursionError:
        return "it goes too deep"
    # A reference could lead anywhere, also onto the network.
    return "it refers to another schema with $ref, which is not followed" if _refers(definition) else None


def _refers(part: Any) -> bool:
    if isinstance(part, Mapping):
        return isinstance(part.get("$ref"), str) or any(_refers(inner) for inner in part.values())
    return isinstance(part, list) and any(_refers(inner) for inner in part)


def _coerces(value: Any, wanted: Any) -> bool:
    """Whether a text stands for what is wanted, which mParticle's server accepts."""
    if not isinstance(value, str):
        return False
    wanted = [wanted] if isinstance(wanted, str) else wanted
    try:
        meant = json.loads(value)
    except ValueError:
        return False
    return (isinstance(meant, bool) and "boolean" in wanted) or (
        isinstance(meant, (int, float)) and not isinstance(meant, bool) and bool({"number", "integer"} & set(wanted))
    )
