"""What a Customer.io workspace knows besides people: objects, and what became of deliveries."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

OWN = "cio_object_id"


class Entities:
    """The objects of one workspace, such as companies and courses, and the reports about messages.

    objects      each with `object_type_id`, `object_id`, `cio_object_id` and `attributes`
    deliveries   reports as they came: `id`, `name`, `attributes`
    """

    __slots__ = ("deliveries", "objects")

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.deliveries: list[dict[str, Any]] = []

    def find(self, identifiers: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object that has all of these identifiers."""
        wanted = {name: str(value) for name, value in identifiers.items()}
        return next((one for one in self.objects if wanted.items() <= one.items()), None)

    def identify(self, identifiers: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any] | None:
        """Add or update an object; None where it is named by Customer.io's own id, and nobody has that."""
        found = self.find(identifiers)
        if found is None:
            if OWN in identifiers:
                return None
            found = {name: str(value) for name, value in identifiers.items()}
            last = max((int(one[OWN].removeprefix("ob"), 16) for one in self.objects), default=0)
            found |= {OWN: f"ob{last + 1:010x}", "attributes": {}}
            self.objects.append(found)
        for name, value in attributes.items():
            # Documented for objects, where people are an assumption (source: customerio-track-api#objects).
            if value in (None, ""):
                found["attributes"].pop(name, None)
            else:
                found["attributes"][name] = copy.deepcopy(value)
        return found

    def delete(self, identifiers: Mapping[str, Any]) -> None:
        """Forget an object."""
        found = self.find(identifiers)
        if found is not None:
            self.objects.remove(found)

    def report(self, delivery: str, name: str, attributes: Mapping[str, Any]) -> None:
        """Keep what became of a message."""
        self.deliveries.append({"id": delivery, "name": name, "attributes": copy.deepcopy(dict(attributes))})

    def export(self) -> dict[str, Any]:
        """Everything, as JSON that `restore` takes."""
        return {"objects": copy.deepcopy(self.objects), "deliveries": copy.deepcopy(self.deliveries)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave."""
        self.objects = copy.deepcopy(list(kept["objects"]))
        self.deliveries = copy.deepcopy(list(kept["deliveries"]))
