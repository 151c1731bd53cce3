"""What is wrong with a message before anybody gets it: findings about a template, each with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.tags.assign_tag import AssignNode

from contracts import Choices, Violation
from contracts.register import nearest
from mock_sessionm.limits import limit

from .liquid.environment import ONE_ATTRIBUTE, attributes, expressions, walk
from .liquid.errors import TYPO, TemplateError, shown
from .liquid.scanning import line_of, unit_end
from .liquid.tags import ContentNode
from .message import Person, Renderer

SENT = "braze.trigger-property-sent"
CANVAS = "braze.canvas-reads-context"
CAMPAIGN = "braze.campaign-reads-trigger-properties"
PLACEHOLDER = "braze.placeholder-bound"
SINGLE_USER = "sessionm.single-user-offers"
CULTURE = "sessionm.culture-has-region"
SHARED = "sessionm.wallet-not-shared"

TRIGGER = "api_trigger_properties"
CONTEXTS = ("context", "canvas_entry_properties")
OFFERS = "get_user_offers"
BARE = {"user_id": "${user_id}"}
"""Placeholders of documents that Braze has under another spelling."""
PLACEHOLDERS = frozenset(
    {"endpoint_core", "endpoint_connect", "appkey_core", "apikey_core", "core_apikey", "base64_encoded_string", *BARE}
)
LITERALS = ("YOUR-RETAIL-ID", "YOUR-BASE64-ENCODED-KEY", "YOUR-ENCODED-STRING-KEY")
"""Words of documents that are to be replaced by hand; they are names for `bound` as well."""

_CULTURE = re.compile(r"""["']?culture["']?\s*:\s*["']""")
_REGION = re.compile(r"[a-z]{2,3}-([A-Z][a-z]{3}-)?([A-Z]{2}|\d{3})")
_GERMAN = Person({"language": "de", "country": "DE", "most_recent_locale": "de_DE"})
"""Somebody in whose place a culture can be seen."""


def lint(
    source: str,
    *,
    sends: Collection[str] | None = None,
    canvas: bool = False,
    audience: int | None = None,
    bound: Collection[str] = (),
) -> list[Violation]:
    """What is wrong with a template, in the order of its lines; `pointer` is `line:N`.

    `sends` are the names that the campaign's template sends along, None where they are not known. `canvas` is whether
    the message is a step of a Canvas. `audience` is how many people get it. `bound` are placeholders of documents that
    have a value.
    """
    found: list[Violation] = []
    text = source
    try:
        nodes = _reader().parsed(text).nodes
    except TemplateError as error:
        found.append(_at(error.line, error.rule, str(error).partition(": ")[2]))
        nodes = []
        if error.rule == TYPO and error.offset >= 0:
            # With the brace put in, the rest can be read as well.
            mended = f"{text[: error.offset]}}}{text[error.offset :]}"
            found += lint(mended, sends=sends, canvas=canvas, audience=audience, bound=bound)
            return sorted(found, key=_line)
    all_nodes = list(walk(nodes))
    own = {str(name) for node in all_nodes for name in (*node.template_scope(), *node.block_scope())}
    for node in all_nodes:
        for expression in node.expressions():
            for inner in expressions(expression):
                if isinstance(inner, FilteredExpression) and len(attributes(inner)) > 1:
                    found.append(_two(inner))
                if isinstance(inner, Path) and inner.head() not in own:
                    found += _path(inner, sends, canvas=canvas)
        if isinstance(node, ContentNode):
            found += _calls(node, audience)
    found += _unbound(all_nodes, {*bound, *own})
    found += _literals(text, bound)
    found += _cultures(text, all_nodes)
    return sorted(dict.fromkeys(found), key=_line)


@cache
def _reader() -> Renderer:
    """A renderer that reads what another would refuse for having two custom attributes in one expression."""
    return Renderer(choices=Choices({"two-custom-attributes": "evaluated"}))


def _line(violation: Violation) -> int:
    return int(violation.pointer.partition(":")[2])


def _at(line: int, rule: str, message: str, near: str | None = None, *, got: str = "", allowed: str = "") -> Violation:
    return Violation(rule, f"line:{line}", message, got, allowed, near)


def _two(expression: FilteredExpression) -> Violation:
    names = " and ".join(str(path.path[-1]) for path in attributes(expression)[:2])
    message = f"reads the custom attributes {names} in one expression; assign one of them to a variable first"
    return _at(line_of(expression.token), ONE_ATTRIBUTE, message, got=f"{len(attributes(expression))}", allowed="1")


def _path(path: Path, sends: Collection[str] | None, *, canvas: bool) -> Iterator[Violation]:
    head, line = path.head(), line_of(path.token)
    own = CONTEXTS if canvas else (TRIGGER,)
    if canvas and head == TRIGGER:
        yield _at(line, CANVAS, f"a Canvas has no {TRIGGER}; read context.${{…}}", "context")
    elif not canvas and head in CONTEXTS:
        yield _at(line, CAMPAIGN, f"a campaign has no {head}; read {TRIGGER}.${{…}}", TRIGGER)
    elif head in own and len(path.path) > 1 and sends is not None and path.path[1] not in sends:
        name = str(path.path[1])
        near = nearest(name, sends)
        mend = f"did you mean {near!r}?" if near else f"it sends {', '.join(sorted(sends)) or 'nothing'}"
        yield _at(line, SENT, f"{name!r} is not sent by the campaign's template; {mend}", near, got=name)


def _calls(node: ContentNode, audience: int | None) -> Iterator[Violation]:
    address = "".join(str(part) for part in node.url.nodes)
    if OFFERS not in address:
        return
    line, most = line_of(node.token), limit(SINGLE_USER)
    if audience is not None and audience > most:
        message = f"{OFFERS} answers for one person a call, and {audience} people get this; ask SessionM for bulk"
        yield _at(line, SINGLE_USER, message, got=f"{audience}", allowed=f"at most {most}")
    if "cache_max_age" in node.options:
        message = ":cache_max_age keeps an answer for everybody, by its address alone; a wallet is one person's"
        yield _at(line, SHARED, message)


def _unbound(nodes: list[Node], known: set[str]) -> Iterator[Violation]:
    for node in nodes:
        for expression in node.expressions():
            for inner in expressions(expression):
                head = inner.head() if isinstance(inner, Path) else None
                if isinstance(head, str) and head in PLACEHOLDERS - known:
                    near = BARE.get(head)
                    mend = f"write {{{{{near}}}}}" if near else "bind it, or write its value"
                    message = f"{{{{{head}}}}} is a placeholder of the document, and empty in Braze; {mend}"
                    yield _at(line_of(inner.token), PLACEHOLDER, message, near, got=head)


def _literals(text: str, bound: Collection[str]) -> Iterator[Violation]:
    for word in LITERALS:
        if word not in bound:
            for found in re.finditer(re.escape(word), text):
                line = text.count("\n", 0, found.start()) + 1
                yield _at(line, PLACEHOLDER, f"{word} is to be replaced by your own", got=word)


def _cultures(text: str, nodes: list[Node]) -> Iterator[Violation]:
    """Every `"culture":"…"`, as somebody in Germany would send it; a culture that cannot be told is left alone."""
    assigned = "".join(str(node) for node in nodes if isinstance(node, AssignNode))
    for found in _CULTURE.finditer(text):
        value = _quoted(text, found.end(), found.group()[-1])
        line = text.count("\n", 0, found.start()) + 1
        try:
            sent = _reader().render(assigned + value, _GERMAN).text.strip()
        except TemplateError:
            continue
        if sent and not _REGION.fullmatch(sent):
            message = f"culture is a language with its region, such as de-DE; {shown(value)} gives {shown(sent)}"
            yield _at(line, CULTURE, message, "de-DE", got=shown(sent), allowed="de-DE")


def _quoted(text: str, start: int, quote: str) -> str:
    """What stands between here and the closing quote, braces taken whole."""
    at = start
    while at < len(text) and text[at] != quote:
        try:
            at = unit_end(text, at, 1) + 2 if text.startswith("{{", at) else at + 1
        except TemplateError:
            break
    return text[start:at]
