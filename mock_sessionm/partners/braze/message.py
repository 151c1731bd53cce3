"""A message rendered for one person: what Braze would send, or why it would not."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from liquid.exceptions import LiquidError

from contracts import Choices

from .connected_content import ConnectedContent, ContentCall, ContentRequest
from .kept import TEMPLATE_BEHAVIOURS
from .liquid.environment import ONE_ATTRIBUTE, BrazeEnvironment, Template, as_template_error, bounded
from .liquid.errors import Abort, TemplateError
from .liquid.filters import CLOCK
from .liquid.scanning import PERSON
from .liquid.tags import VISITOR, AbortTag, ContentTag

REMEMBERED = 256
"""So many parsed templates are kept."""

Names = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a message is for. `fields` are Braze's own, such as user_id, email_address, first_name and language."""

    fields: Names = field(default_factory=dict)
    custom_attributes: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of a message for one person.

    `aborted` is None where it is sent; else the reason, empty where the template gives none, and `text` is empty.
    `calls` are those of Connected Content, in their order.
    """

    text: str
    aborted: str | None = None
    calls: tuple[ContentCall, ...] = ()


class Renderer:
    """Renders templates. Each is parsed once.

    `content` is what `connected_content` calls with; a template that uses the tag needs one. `clock` gives the seconds
    of 'now', and is the content's where it is left out. `behaviours` are the rules that are kept.
    """

    def __init__(
        self,
        content: ConnectedContent | None = None,
        *,
        clock: Callable[[], float] | None = None,
        choices: Choices | None = None,
        behaviours: frozenset[str] = TEMPLATE_BEHAVIOURS,
    ) -> None:
        choices = choices if choices is not None else Choices()
        self.content = content
        self.behaviours = behaviours
        self._clock = clock if clock is not None or content is None else content.clock
        refuses = ONE_ATTRIBUTE in behaviours and choices["two-custom-attributes"] == "refused"
        tags = (ContentTag, AbortTag) if "braze.abort-message" in behaviours else (ContentTag,)
        self._environment: BrazeEnvironment = bounded()(
            behaviours, tags=tags, one_attribute=refuses, lists=choices["list-printing"]
        )
        self._templates: OrderedDict[str, Template] = OrderedDict()

    def parsed(self, source: str) -> Template:
        """A template, ready to be rendered. Raises `TemplateError`."""
        found = self._templates.get(source)
        if found is None:
            found = self._templates[source] = self._environment.parsed(source)
            if len(self._templates) > REMEMBERED:
                self._templates.popitem(last=False)
        else:
            self._templates.move_to_end(source)
        return found

    def render(
        self,
        source: str,
        person: Person,
        *,
        trigger_properties: Names | None = None,
        context: Names | None = None,
        event_properties: Names | None = None,
        variables: Names | None = None,
        campaign: Names | None = None,
        canvas: Names | None = None,
    ) -> Rendered:
        """The message for one person. Raises `TemplateError`, one line.

        `trigger_properties` are those of a call to a campaign. Who gives `context` or `canvas` renders a step of a
        Canvas, where there are none. `variables` are bound under their own names, for placeholders of documents.
        """
        template = self.parsed(source)
        calls: list[ContentCall] = []
        bound = {
            **(variables or {}),
            **self._properties(trigger_properties, context, in_canvas=context is not None or canvas is not None),
            **self._names(person, event_properties, campaign, canvas),
            CLOCK: self._clock,
            VISITOR: None if self.content is None else _visitor(self.content, calls, self.behaviours),
        }
        try:
            text = template.written(bound)
        except Abort as abort:
            return Rendered("", abort.reason, tuple(calls))
        except LiquidError as error:
            raise as_template_error(error, self._environment) from error
        except TemplateError:
            raise
        except (MemoryError, RecursionError, ArithmeticError, ValueError) as error:
            raise TemplateError(1, "the template asks for what cannot be worked out", "make it smaller") from error
        return Rendered(text, None, tuple(calls))

    def _properties(self, trigger: Names | None, context: Names | None, *, in_canvas: bool) -> dict[str, Names]:
        """What the call that triggered the message brought, under the names by which this kind of message knows it."""
        brought = context if in_canvas else trigger
        made: dict[str, Names] = {}
        if not in_canvas or "braze.trigger-properties-in-campaigns" not in self.behaviours:
            made["api_trigger_properties"] = brought or {}
        if in_canvas or "braze.context-in-canvases" not in self.behaviours:
            made["context"] = brought or {}
            if "braze.entry-properties-are-context" in self.behaviours:
                made["canvas_entry_properties"] = brought or {}
        return made

    def _names(
        self, person: Person, event_properties: Names | None, campaign: Names | None, canvas: Names | None
    ) -> dict[str, Names]:
        made: dict[str, Names] = {}
        if "braze.profile-fields" in self.behaviours:
            made[PERSON] = person.fields
        if "braze.custom-attributes" in self.behaviours:
            made["custom_attribute"] = person.custom_attributes
        if "braze.event-properties" in self.behaviours:
            made["event_properties"] = event_properties or {}
        if "braze.campaign-attributes" in self.behaviours:
            made |= {"campaign": campaign or {}, "canvas": canvas or {}}
        return made


def _visitor(content: ConnectedContent, calls: list[ContentCall], behaviours: frozenset[str]) -> Any:
    """What the tag calls: options in, what stands in its place and its value out."""

    def visit(
        url: str, headers: dict[str, str], body: str | None, options: dict[str, str], _line: int
    ) -> tuple[str, Any]:
        kept = "braze.content-body-as-captured" in behaviours and content.choices["captured-body"] == "kept"
        body = body if body is None or kept else body.strip()
        age = options.get("cache_max_age")
        brought = content.bring(
            ContentRequest(
                url,
                options.get("method", "get").upper(),
                headers,
                body,
                options.get("content_type"),
                options.get("basic_auth"),
                None if age is None else int(age),
                no_cache="no_cache" in options,
                retry="retry" in options,
            ),
            calls,
        )
        return brought.text, brought.value

    return visit
