"""python-liquid, made to read and print as Braze does, with limits on what one template may take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from io import StringIO
from typing import Any

from liquid import Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression, LoopExpression, Path
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidError, LoopIterationLimitError, TemplateNotFoundError
from liquid.expression import Expression
from liquid.output import LimitedStringIO
from liquid.template import BoundTemplate
from liquid.token import TOKEN_TAG, Token
from liquid.undefined import is_undefined

from contracts.register import nearest
from mock_sessionm.limits import limit

from .errors import TemplateError
from .filters import install, unsupported
from .printing import inspected, printed
from .scanning import NESTED, line_of, tokens

OF_FIVE = ("echo", "liquid", "render")
"""Tags that Liquid has had since version 5."""
ONE_ATTRIBUTE = "braze.one-custom-attribute"


class PrintedNode(OutputNode):
    """`{{ … }}`, printed as Ruby prints it."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: Any) -> int:
        value = self.expression.evaluate(context)
        prints = getattr(context.env, "prints", printed)
        written: int = buffer.write(prints(value))
        return written


class PrintedEchoNode(PrintedNode, EchoNode):
    """`{% echo … %}`, which is the same."""

    __slots__ = ()


class PrintedOutput(Output):
    node_class = PrintedNode


class PrintedEcho(EchoTag):
    node_class = PrintedEchoNode


class Bounded(Expression):
    """What a loop goes over; a range longer than any loop may be is refused before anybody makes a list of it."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def evaluate(self, context: RenderContext) -> object:
        found = self.inner.evaluate(context)
        most = context.env.loop_iteration_limit
        if isinstance(found, range) and most is not None and found.stop - found.start > most:
            raise LoopIterationLimitError("loop iteration limit reached", token=self.token)
        return found

    def children(self) -> list[Expression]:
        return [self.inner]


class IsBlank(Expression):
    """`value == blank`, as Rails sees it: nil, false, an empty list and a text of white space are blank."""

    __slots__ = ("value", "wanted")

    def __init__(self, token: Token, value: Expression, *, wanted: bool) -> None:
        super().__init__(token)
        self.value = value
        self.wanted = wanted

    def evaluate(self, context: RenderContext) -> bool:
        found = self.value.evaluate(context)
        if isinstance(found, str):
            blank = not found.strip()
        else:
            blank = (
                found is None
                or found is False
                or is_undefined(found)
                or (isinstance(found, (list, dict)) and not found)
            )
        return blank is self.wanted

    def children(self) -> list[Expression]:
        return [self.value]


class Context(RenderContext):
    """What a template is rendered with. Line breaks stay as written: python-liquid would turn CR LF into LF."""

    __slots__ = ()

    def get_buffer(self, buf: Any = None) -> StringIO:
        most = self.env.output_stream_limit
        if most is None:
            return StringIO(newline="")
        return LimitedStringIO(most - (buf.size if isinstance(buf, LimitedStringIO) else 0), newline="")


class Template(BoundTemplate):
    """A template that can be rendered any number of times."""

    context_class = Context

    def written(self, bound: Mapping[str, object]) -> str:
        """The text that it makes with names bound to values."""
        context = Context(self, globals=self.make_globals(bound))
        buffer = context.get_buffer()
        self.render_with_context(context, buffer)
        return buffer.getvalue()


class BrazeEnvironment(Environment):
    """Liquid as Braze has it.

    `behaviours` are the rules that are kept: without one it is plain Liquid in that place. `one_attribute` is whether
    an expression that reads two custom attributes is refused; `lists` is how a list is printed, joined or inspected.
    """

    def __init__(
        self,
        behaviours: frozenset[str],
        *,
        tags: tuple[Any, ...] = (),
        one_attribute: bool = True,
        lists: str = "joined",
    ) -> None:
        super().__init__()
        self.behaviours = behaviours
        self.one_attribute = one_attribute
        self.lists = lists
        if "braze.ruby-printing" in behaviours:
            self.add_tag(PrintedOutput)
            self.add_tag(PrintedEcho)
        for tag in tags:
            self.add_tag(tag)
        if "braze.liquid-five" not in behaviours:
            self.tags = {name: tag for name, tag in self.tags.items() if name not in OF_FIVE}
        install(self, behaviours)

    def tokenizer(self) -> Callable[[str], Iterator[Token]]:
        return partial(tokens, nested=NESTED in self.behaviours)

    template_class = Template

    def prints(self, value: Any) -> str:
        """A value as it stands in a message."""
        if not isinstance(value, (list, tuple)):
            return printed(value)
        if "braze.list-printing" not in self.behaviours:
            return "".join(map(str, value))
        return inspected(value) if self.lists == "inspected" else printed(value)

    def parsed(self, source: str) -> Template:
        """A template. Raises `TemplateError`, also for a filter in a branch that nobody would have come to."""
        try:
            made = self.fragment(source, 1)
            for node in walk(made.nodes):
                for expression in node.expressions():
                    self._settle(expression)
        except LiquidError as error:
            raise self._unclosed(source, error) or as_template_error(error, self) from error
        except RecursionError as error:
            raise TemplateError(1, "the template is nested too deeply", "split it") from error
        return made

    def fragment(self, source: str, line: int) -> Template:
        """A part of a template that stands within a tag, beginning on `line`."""
        return Template(self, nodes=self._nodes(source, line))

    def _nodes(self, source: str, line: int) -> list[Node]:
        from liquid.parser import get_parser
        from liquid.stream import TokenStream

        return get_parser(self).parse(TokenStream(tokens(source, line, nested=NESTED in self.behaviours)))

    def _unclosed(self, source: str, error: LiquidError) -> TemplateError | None:
        """A block that is still open at the end, by the line on which it begins; None for any other mistake."""
        found = re.fullmatch(
            r"expected tag end(\w+), found end of expression", str(error.args[0]) if error.args else ""
        )
        if found is None:
            return None
        opened: list[int] = []
        for token in tokens(source, nested=NESTED in self.behaviours):
            if token.kind == TOKEN_TAG and token.value == found[1]:
                opened.append(line_of(token))
            elif token.kind == TOKEN_TAG and token.value == f"end{found[1]}":
                opened.pop()
        line = opened[-1] if opened else 1
        return TemplateError(line, f"{found[1]} is never closed", f"write {{% end{found[1]} %}}")

    def _settle(self, expression: Expression) -> None:
        """Look every filter up, and put Braze's reading in the place of what is read otherwise."""
        for inner in expressions(expression):
            if isinstance(inner, FilteredExpression):
                for one in inner.filters or ():
                    if one.name not in self.filters:
                        raise _no_filter(one.name, line_of(one.token), self)
                if self.one_attribute and len(attributes(inner)) > limit(ONE_ATTRIBUTE):
                    raise TemplateError(
                        line_of(inner.token),
                        "two custom attributes in one expression",
                        "assign one of them to a variable first",
                        rule=ONE_ATTRIBUTE,
                    )
            if isinstance(inner, Path) and inner.head() == "content_blocks":
                what = f"the Content Block {inner.path[-1]!r} is not kept here"
                raise TemplateError(line_of(inner.token), what, "write its text in its place")
            if isinstance(inner, LoopExpression):
                inner.iterable = Bounded(inner.iterable)
            if "braze.blank-values" in self.behaviours:
                for place in ("expression", "left", "right"):
                    softened = _blank(getattr(inner, place, None))
                    if softened is not None:
                        setattr(inner, place, softened)


def _blank(expression: Any) -> Expression | None:
    if not isinstance(expression, (EqExpression, NeExpression)):
        return None
    left, right = expression.left, expression.right
    if isinstance(left, Blank) == isinstance(right, Blank):
        return None
    value = left if isinstance(right, Blank) else right
    return IsBlank(expression.token, value, wanted=isinstance(expression, EqExpression))


def walk(nodes: Any) -> Iterator[Node]:
    """Every node of a template, with those inside it."""
    for node in nodes:
        yield node
        yield from walk(node.children(None, include_partials=False))


def expressions(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    yield expression
    for inner in expression.children():
        yield from expressions(inner)


def attributes(expression: Expression) -> list[Path]:
    """Where an expression reads a custom attribute."""
    return [
        inner for inner in expressions(expression) if isinstance(inner, Path) and inner.head() == "custom_attribute"
    ]


def _no_filter(name: str, line: int, environment: BrazeEnvironment) -> TemplateError:
    if name in unsupported():
        return TemplateError(line, f"Braze does not have the filter {name!r}", "write it another way")
    near = nearest(name, environment.filters)
    return TemplateError(line, f"unknown filter {name!r}", f"did you mean {near!r}?" if near else "take it out")


def as_template_error(error: LiquidError, environment: Environment) -> TemplateError:
    """The one line for a mistake that python-liquid found."""
    line = line_of(error.token)
    text = str(error.args[0]) if error.args else type(error).__name__
    if text.startswith("unexpected tag"):
        name = error.token.value if error.token is not None else ""
        near = nearest(name, [tag for tag in environment.tags if tag.isidentifier()])
        return TemplateError(line, f"unknown tag {name!r}", f"did you mean {near!r}?" if near else "take it out")
    if isinstance(error, LoopIterationLimitError) or "limit reached" in text or "maximum context depth" in text:
        return TemplateError(line, text, "a template may not do so much", rule=_limit_of(text))
    if isinstance(error, TemplateNotFoundError):
        return TemplateError(line, "a partial is not kept here", "write its text in its place")
    if any(quote in text for quote in "\u201c\u201d\u2018\u2019"):
        return TemplateError(line, text, "Liquid wants straight quotes")
    return TemplateError(line, text)


def _limit_of(text: str) -> str:
    if "loop" in text or "range" in text:
        return "harness.template-iterations"
    return "harness.template-output" if "output" in text or "namespace" in text else "harness.template-depth"


def bounded() -> type[BrazeEnvironment]:
    """The environment with the limits of the register on."""
    return _bounded(
        limit("harness.template-iterations"), limit("harness.template-output"), limit("harness.template-depth")
    )


@cache
def _bounded(iterations: int, output: int, depth: int) -> type[BrazeEnvironment]:
    return type(
        "BoundedEnvironment",
        (BrazeEnvironment,),
        {
            "loop_iteration_limit": iterations,
            "output_stream_limit": output,
            "local_namespace_limit": output,
            # Namespaces of its own come on top of one for each loop.
            "context_depth_limit": 2 * depth,
            "block_nesting_limit": depth,
        },
    )
