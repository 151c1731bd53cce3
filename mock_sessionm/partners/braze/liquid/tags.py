"""The two tags that Braze adds: `connected_content`, which brings something from the web, and `abort_message`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

import orjson
from liquid import RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import Identifier
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.template import BoundTemplate
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG, Token

from contracts.register import nearest

from .errors import Abort, TemplateError, shown
from .scanning import line_of, unit_end

METHODS = "braze.content-methods"
PLAIN_REASON = "braze.abort-reason-plain"
BODY_SPACES = "braze.content-body-without-spaces"
VISITOR = "\0content"
"""Under this name what calls the web is bound; no template can write it."""

FLAGS = frozenset({"no_cache", "retry"})
OPTIONS = ("method", "headers", "body", "content_type", "save", "basic_auth", "cache_max_age", "no_cache", "retry")
_REASON = re.compile(r"""\(\s*(?:'(?P<one>[^']*)'|"(?P<two>[^"]*)")?\s*\)""")
_OPTION = re.compile(r"(?:^|(?<=\s)):(\w+)")
_NAME = re.compile(r"[A-Za-z_][\w-]*")


class Visit(Protocol):
    """What the renderer offers to the tag."""

    def __call__(
        self, url: str, headers: dict[str, str], body: str | None, options: dict[str, str], line: int
    ) -> tuple[str, Any]:
        """The text that stands in place of the tag, and the value of its variable. Raises `Abort`, `TemplateError`."""
        ...


class AbortNode(Node):
    """`{% abort_message('reason') %}`."""

    __slots__ = ("reason",)

    def __init__(self, token: Token, reason: str) -> None:
        super().__init__(token)
        self.reason = reason

    def render_to_output(self, _context: RenderContext, _buffer: Any) -> int:
        raise Abort(self.reason)


class AbortTag(Tag):
    name = "abort_message"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        inside = stream.current.value if stream.current.kind == TOKEN_EXPRESSION else ""
        line = line_of(token)
        found = _REASON.fullmatch(inside)
        if found is None:
            raise TemplateError(line, "the reason of abort_message is one quoted text", "write abort_message('why')")
        reason = found["one"] or found["two"] or ""
        if ("{{" in reason or "{%" in reason) and PLAIN_REASON in getattr(self.env, "behaviours", ()):
            raise TemplateError(line, "the reason of abort_message holds Liquid", "write plain text", rule=PLAIN_REASON)
        return AbortNode(token, reason)


class ContentNode(Node):
    """`{% connected_content URL :option value … %}`; what may hold Liquid is a template of its own."""

    __slots__ = ("body", "headers", "options", "saved", "url")

    def __init__(
        self,
        token: Token,
        url: BoundTemplate,
        body: BoundTemplate | None,
        headers: dict[str, BoundTemplate],
        options: dict[str, str],
    ) -> None:
        super().__init__(token)
        self.url, self.body, self.headers, self.options = url, body, headers, options
        self.blank = False
        self.saved = options.get("save", "connected")

    def render_to_output(self, context: RenderContext, buffer: Any) -> int:
        visit: Visit | None = context.resolve(VISITOR, default=None)
        line = line_of(self.token)
        if visit is None:
            raise TemplateError(line, "connected_content has no web to call here", "render it with one")
        text, value = visit(
            _rendered(self.url, context),
            {name: _rendered(template, context) for name, template in self.headers.items()},
            None if self.body is None else _rendered(self.body, context),
            self.options,
            line,
        )
        context.assign(self.saved, value)
        written: int = buffer.write(text)
        return written

    def children(self, _static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:  # noqa: ARG002  the signature is python-liquid's
        for template in (self.url, self.body, *self.headers.values()):
            yield from template.nodes if template is not None else ()

    def template_scope(self) -> Iterable[Identifier]:
        yield Identifier(self.saved, token=self.token)


class ContentTag(Tag):
    name = "connected_content"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        if stream.current.kind != TOKEN_EXPRESSION:
            raise TemplateError(line_of(token), "connected_content has no address", "write one after its name")
        inside = stream.current
        return ContentReading(self.env, inside.value, line_of(inside)).node(token)


class ContentReading:
    """One `connected_content` read from its text: the address, then options, with white space of any kind between."""

    def __init__(self, environment: Any, text: str, line: int) -> None:
        self._environment = environment
        self._behaviours: frozenset[str] = environment.behaviours
        self._text = text
        self._line = line

    def node(self, token: Token) -> ContentNode:
        """The node. Raises `TemplateError`."""
        end = self._word(0)
        if self._text.startswith(":"):
            raise TemplateError(self._line, "connected_content has no address", "write one before the options")
        url = self._fragment(self._text[:end], 0)
        body: BoundTemplate | None = None
        headers: dict[str, BoundTemplate] = {}
        options: dict[str, str] = {}
        at = self._space(end)
        while at < len(self._text):
            name, at = self._option(at)
            if name in FLAGS:
                options[name] = ""
                continue
            start = at
            at = self._braces(at) if name == "headers" and self._text.startswith("{", at) else self._end(name, at)
            value = self._text[start:at].strip()
            if not value:
                raise TemplateError(self._at(start), f":{name} has no value", "write one after it")
            if name == "headers":
                headers = self._headers(value, start)
            elif name == "body":
                body = self._fragment(value, start)
            else:
                options[name] = self._checked(name, value, start)
            at = self._space(at)
        return ContentNode(token, url, body, headers, options)

    def _option(self, at: int) -> tuple[str, int]:
        found = _OPTION.match(self._text, at)
        if found is None:
            what = f"{shown(self._text[at : self._word(at)])} is no option of connected_content"
            raise TemplateError(
                self._at(at), what, "options begin with a colon; a body holds no spaces unless captured"
            )
        name = found[1]
        if name not in OPTIONS:
            near = nearest(name, OPTIONS)
            mend = f"did you mean :{near}?" if near else f"there are :{', :'.join(OPTIONS)}"
            raise TemplateError(self._at(at), f"connected_content has no option :{name}", mend)
        return name, self._space(found.end())

    def _end(self, name: str, at: int) -> int:
        """Where the value of an option ends: at the next white space, unless a body may hold some."""
        if name != "body" or BODY_SPACES in self._behaviours:
            return self._word(at)
        found = re.compile(rf"\s:(?:{'|'.join(OPTIONS)})\b").search(self._text, at)
        return found.start() if found else len(self._text)

    def _checked(self, name: str, value: str, start: int) -> str:
        line = self._at(start)
        if name == "method" and value.lower() not in ("get", "post") and METHODS in self._behaviours:
            raise TemplateError(line, f":method {shown(value)} is not taken", "write get or post", rule=METHODS)
        if name == "cache_max_age" and not value.isdecimal():
            raise TemplateError(line, f":cache_max_age {shown(value)} is no number", "write seconds, such as 900")
        if name in ("save", "basic_auth") and not _NAME.fullmatch(value):
            raise TemplateError(line, f":{name} {shown(value)} is no name", "write letters, digits and underscores")
        return value

    def _headers(self, text: str, start: int) -> dict[str, BoundTemplate]:
        """The object after `:headers`; Liquid within its texts is put aside while it is read as JSON."""
        aside: list[str] = []
        plain: list[str] = []
        at = 0
        while (opened := text.find("{{", at)) >= 0:
            close = unit_end(text, opened, self._at(start), inner=True) + 2
            plain += [text[at:opened], f"\\u0000{len(aside)}\\u0000"]
            aside.append(text[opened:close])
            at = close
        try:
            read = orjson.loads("".join([*plain, text[at:]]))
        except ValueError:
            read = None
        if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
            what = ":headers is no JSON object of texts"
            raise TemplateError(self._at(start), what, 'write {"Content-Type": "application/json"}')
        put_back = re.compile("\0(\\d+)\0")
        return {
            name: self._fragment(put_back.sub(lambda found: aside[int(found[1])], value), start)
            for name, value in read.items()
        }

    def _fragment(self, text: str, start: int) -> BoundTemplate:
        made: BoundTemplate = self._environment.fragment(text, self._at(start))
        return made

    def _word(self, at: int) -> int:
        """The end of a word, in which braces and all between them count as letters."""
        while at < len(self._text) and not self._text[at].isspace():
            at = unit_end(self._text, at, self._at(at), inner=True) + 2 if self._text.startswith("{{", at) else at + 1
        return at

    def _space(self, at: int) -> int:
        while at < len(self._text) and self._text[at].isspace():
            at += 1
        return at

    def _braces(self, at: int) -> int:
        """The end of an object: where as many braces have closed as have opened, with Liquid taken whole."""
        depth, quoted = 0, False
        while at < len(self._text):
            letter = self._text[at]
            if self._text.startswith("{{", at):
                at = unit_end(self._text, at, self._at(at), inner=True) + 2
                continue
            if letter == '"' and self._text[at - 1] != "\\":
                quoted = not quoted
            depth += 0 if quoted else (letter == "{") - (letter == "}")
            at += 1
            if not depth and not quoted:
                break
        return at

    def _at(self, place: int) -> int:
        return self._line + self._text.count("\n", 0, place)


def _rendered(template: BoundTemplate, context: RenderContext) -> str:
    buffer = context.get_buffer()
    for node in template.nodes:
        node.render(context, buffer)
    return buffer.getvalue()
