"""A step that renders a Braze template, held against what it must give; the outside world answers from a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from contracts import Choices, Request, Response
from contracts.transport import Lost, TimedOut
from mock_sessionm.partners.braze import (
    TEMPLATE_BEHAVIOURS,
    Bindings,
    ConnectedContent,
    Person,
    Rendered,
    Renderer,
    TemplateError,
    lint,
)

from .stage import Stage

STARTS = 1_767_225_600.0
"""2026-01-01T00:00:00Z, when the world of a step begins."""
KEYS = (
    "render", "person", "trigger", "context", "event", "campaign", "canvas", "variables", "credentials", "allowed",
    "web", "sends", "audience", "after", "then", "gives",
)  # fmt: skip
GIVES = ("text", "aborted", "calls", "made", "last", "sent", "slept", "lint", "refused")
LINT_ONLY = {"lint"}


class World:
    """The web, the clock and the sleep of a step. The script's answers come in their order, the last one for ever.

    An answer has `status`, `headers`, `body` (text, or JSON), `size` (so many letters) and `seconds` that it takes;
    `times` that it is given; `method` and `url` that it wants; `lost` for a connection that breaks.
    """

    def __init__(self, script: list[Mapping[str, Any]]) -> None:
        self.now = STARTS
        self.slept: list[float] = []
        self.sent: list[tuple[str, Request]] = []
        self.wrong: list[str] = []
        self.follow(script)

    def follow(self, script: list[Mapping[str, Any]]) -> None:
        """What is answered from now on."""
        self._script = script
        self._given = 0
        self._at = 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        self.sent.append((url, request))
        entry = self._next(url, request)
        took = entry.get("seconds", 0)
        self.now += min(took, timeout)
        if took > timeout:
            raise TimedOut(f"no answer within {timeout:g} s")
        if entry.get("lost"):
            raise Lost("the connection broke")
        body = entry.get("body", "x" * entry["size"] if "size" in entry else "")
        return Response(
            entry.get("status", 200),
            entry.get("headers", {}),
            body.encode() if isinstance(body, str) else orjson.dumps(body),
        )

    def _next(self, url: str, request: Request) -> Mapping[str, Any]:
        if not self._script:
            self.wrong.append(f"{request.method} {url}{request.target}: called, and the step has no web")
            return {}
        entry = self._script[self._at]
        self._given += 1
        if self._given >= entry.get("times", 1) and self._at + 1 < len(self._script):
            self._at, self._given = self._at + 1, 0
        for name, got in (("method", request.method), ("url", url + request.target)):
            if entry.get(name, got) != got:
                self.wrong.append(f"called {got}, wanted {entry[name]}")
        return entry


def rendered_there(step: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """The same as `rendered`, where Connected Content reaches the story's own fake and placeholders mean its tenant."""
    tenant = stage.tenant
    bindings = Bindings.of(tenant.settings, stage.origin)
    content = ConnectedContent(
        stage.web, tenant.clock.now, sleep=tenant.clock.advance, choices=tenant.choices, behaviours=tenant.behaviours
    )
    renderer = Renderer(content, choices=tenant.choices, behaviours=tenant.behaviours)
    filled = {**step, "render": bindings.filled(step["render"]), "variables": bindings.variables}
    yield from _one(filled, renderer, World([]))


def rendered(
    step: Mapping[str, Any], behaviours: frozenset[str] = TEMPLATE_BEHAVIOURS, choices: Choices | None = None
) -> Iterator[str]:
    """One message for each thing that is not as `gives` says.

    `then` are further renders in the same world, each laid over the first, `after` so many seconds. Raises
    `LookupError` for a key that means nothing here.
    """
    unknown = [key for key in step if key not in KEYS] + [key for key in step.get("gives", {}) if key not in GIVES]
    if unknown:
        raise LookupError(f"{unknown[0]!r} is no part of a step that renders")
    world = World(step.get("web", []))
    choices = choices if choices is not None else Choices()
    content = ConnectedContent(
        world,
        world.clock,
        sleep=world.sleep,
        credentials={name: (user, password) for name, (user, password) in step.get("credentials", {}).items()},
        allowed=step.get("allowed", ()),
        choices=choices,
        behaviours=behaviours,
    )
    renderer = Renderer(content, choices=choices, behaviours=behaviours)
    yield from _one(step, renderer, world)
    for number, more in enumerate(step.get("then", ()), start=2):
        world.now += more.get("after", 0)
        world.sent.clear()
        world.slept.clear()
        world.wrong.clear()
        if "web" in more:
            world.follow(more["web"])
        for message in _one({**step, **more}, renderer, world):
            yield f"render {number}: {message}"


def _one(step: Mapping[str, Any], renderer: Renderer, world: World) -> Iterator[str]:
    gives = step["gives"]
    if "lint" in gives:
        # A rule alone, or with the line on which it is broken: `braze.document-typo@2`.
        found = [(one.rule, f"{one.rule}@{one.pointer.partition(':')[2]}") for one in _linted(step)]
        told = [both["@" in wanted] for both, wanted in zip(found, gives["lint"], strict=False)]
        if len(found) != len(gives["lint"]) or told != gives["lint"]:
            yield f"lint finds {[line for _, line in found] or 'nothing'}, wanted {gives['lint'] or 'nothing'}"
    if set(gives) == LINT_ONLY:
        return
    try:
        made = _made(step, renderer)
    except TemplateError as error:
        if "refused" not in gives or gives["refused"] not in str(error):
            yield f"refused: {error}; wanted {gives.get('refused', 'a message')!r}"
        return
    if "refused" in gives:
        yield f"rendered, wanted a refusal that names {gives['refused']!r}"
        return
    yield from world.wrong
    yield from _differs(gives, made, world)


def _made(step: Mapping[str, Any], renderer: Renderer) -> Rendered:
    return renderer.render(
        step["render"],
        _person(step.get("person", {})),
        trigger_properties=step.get("trigger"),
        context=step.get("context"),
        event_properties=step.get("event"),
        variables=step.get("variables"),
        campaign=step.get("campaign"),
        canvas=step.get("canvas"),
    )


def _person(given: Mapping[str, Any]) -> Person:
    return Person({name: value for name, value in given.items() if name != "custom"}, given.get("custom", {}))


def _linted(step: Mapping[str, Any]) -> list[Any]:
    return lint(
        step["render"],
        sends=step.get("sends"),
        canvas="context" in step or "canvas" in step,
        audience=step.get("audience"),
        bound=step.get("variables", {}),
    )


def _differs(gives: Mapping[str, Any], made: Rendered, world: World) -> Iterator[str]:
    if "text" in gives and made.text != gives["text"]:
        yield f"the text is {made.text!r}, wanted {gives['text']!r}"
    if made.aborted != gives.get("aborted"):
        yield f"aborted is {made.aborted!r}, wanted {gives.get('aborted')!r}"
    if "slept" in gives and world.slept != gives["slept"]:
        yield f"slept {world.slept}, wanted {gives['slept']}"
    if "made" in gives and len(made.calls) != gives["made"]:
        yield f"{len(made.calls)} calls, wanted {gives['made']}"
    calls = list(zip(gives.get("calls", ()), made.calls, strict=False))
    if "calls" in gives and len(gives["calls"]) != len(made.calls):
        yield f"{len(made.calls)} calls, wanted {len(gives['calls'])}"
    if "last" in gives and not made.calls:
        yield "no call, wanted one"
    elif "last" in gives:
        calls.append((gives["last"], made.calls[-1]))
    for wanted, call in calls:
        for name, value in wanted.items():
            got = getattr(call, name)
            if (value not in got) if name == "why" and value else got != value:
                yield f"{name} of a call is {got!r}, wanted {value!r}"
    if "sent" in gives:
        yield from _sent(gives["sent"], world)


def _sent(wanted: list[Mapping[str, Any]], world: World) -> Iterator[str]:
    if len(wanted) != len(world.sent):
        yield f"{len(world.sent)} requests went out, wanted {len(wanted)}"
    for expected, (url, request) in zip(wanted, world.sent, strict=False):
        for name, got in (("method", request.method), ("url", url + request.target), ("body", request.body.decode())):
            if name in expected and expected[name] != got:
                yield f"the {name} that went out is {got!r}, wanted {expected[name]!r}"
        headers = {name.lower(): value for name, value in request.headers.items()}
        for name, value in expected.get("headers", {}).items():
            if headers.get(name.lower()) != value:
                yield f"the header {name} is {headers.get(name.lower())!r}, wanted {value!r}"
