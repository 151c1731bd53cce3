"""A template cut into the tokens of python-liquid, with Braze's spellings turned into standard ones.

`{{custom_attribute.${zip code} | upcase}}` becomes `custom_attribute["zip code"] | upcase`, `{{${user_id}}}` becomes
`__person__["user_id"]`, and `{% if {{x}} == 1 %}` loses its inner braces. No line break is added or lost, so that every
mistake is told with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from liquid.token import TOKEN_CONTENT, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG, Token

from .errors import TYPO, TemplateError, shown

PERSON = "__person__"
"""The name under which the fields of the profile are bound."""
NESTED = "braze.brackets-in-tags"
AS_WRITTEN = frozenset({"connected_content", "abort_message"})
"""Tags whose inside is no expression, and is read by the tag itself."""

_STRING = r"'(?:(?!\}\})[^'])*'|\"(?:(?!\}\})[^\"])*\""
_OPEN = re.compile(r"\{\{|\{%")
_UNIT = re.compile(rf"\$\{{[^{{}}]*\}}|{_STRING}|\{{\{{|\}}\}}|\}}|\{{%")
_PART = re.compile(
    rf"(?P<dot>\.)?\$\{{(?P<name>[^{{}}]*)\}}|(?P<string>{_STRING})|(?P<open>\{{\{{-?)|(?P<close>-?\}}\}})"
)
_TAG = re.compile(r"\{%-?\s*(?P<name>#|\w+)?")
_RAW = re.compile(r"\{%-?\s*endraw\s*(?P<trim>-?)%\}")
_ENDS = {
    name: re.compile(rf"\{{%-?\s*(?P<what>{name}|end{name})\b(?:(?!%\}})[\s\S])*?(?P<trim>-?)%\}}")
    for name in ("comment", "doc")
}


def tokens(source: str, first_line: int = 1, *, nested: bool = True) -> Iterator[Token]:
    """The tokens of a template. Raises `TemplateError`.

    `nested` is whether braces within a tag are taken for what is in them; without it they are left where they are.
    """
    at, line, trimmed = 0, first_line, False
    while at < len(source):
        found = _OPEN.search(source, at)
        end = found.start() if found else len(source)
        text = source[at:end]
        text = text.lstrip() if trimmed else text
        text = text.rstrip() if source[end + 2 : end + 3] == "-" else text
        if text:
            yield _token(TOKEN_CONTENT, text, line)
        line += source.count("\n", at, end)
        if found is None:
            return
        if found.group() == "{{":
            inside, at, trimmed = _output(source, end, line)
            yield _token(TOKEN_OUTPUT, inside, line)
            first = line + inside.count("\n", 0, len(inside) - len(inside.lstrip()))
            yield _token(TOKEN_EXPRESSION, standard(inside.strip(), first, nested=nested) or "nil", first)
        else:
            made, at, trimmed = _tag(source, end, line, nested=nested)
            yield from made
        line += source.count("\n", end, at)


def standard(expression: str, line: int, *, nested: bool = True) -> str:
    """An expression in Braze's spelling in the standard one. Raises `TemplateError`."""
    if "$" not in expression and "{{" not in expression:
        return expression
    made: list[str] = []
    opened: list[int] = []
    at = 0
    for part in _PART.finditer(expression):
        made.append(expression[at : part.start()])
        at = part.end()
        here = line + expression.count("\n", 0, part.start())
        if part["name"] is not None:
            made.append(_named(part["name"], here, rooted=part["dot"] is None))
        elif part["open"] and nested:
            unit_end(expression, part.start(), here, inner=True)
            opened.append(part.end())
            made.append(" ")
        elif part["close"] and nested:
            if not opened:
                raise TemplateError(here, "}} closes nothing", "take it out")
            _whole(expression, opened.pop(), part, here)
            made.append(" ")
        else:
            made.append(part.group())
    return "".join([*made, expression[at:]])


def unit_end(source: str, start: int, line: int, *, inner: bool = False) -> int:
    """The place of the `}}` that closes the `{{` at `start`, with what is in between taken for units.

    `inner` is whether `source` is only a part of a template, so that no place in it can be mended by its number.
    """
    depth, at = 1, start + 2
    while found := _UNIT.search(source, at):
        match found.group():
            case "{{":
                depth += 1
            case "}}":
                depth -= 1
                if not depth:
                    return found.start()
            case "}":
                raise _typo(source, start, found.start(), line, inner=inner)
            case "{%":
                break
        at = found.end()
    raise _unclosed(source, start, line)


def _output(source: str, start: int, line: int) -> tuple[str, int, bool]:
    """What stands between the braces that open at `start`, where it goes on, and whether white space is eaten there."""
    close = unit_end(source, start, line)
    inside = source[start + 2 : close]
    eats = inside.endswith("-")
    return inside[inside.startswith("-") : len(inside) - eats], close + 2, eats


def _tag(source: str, start: int, line: int, *, nested: bool) -> tuple[list[Token], int, bool]:
    opening = _TAG.match(source, start)
    assert opening is not None  # noqa: S101  every {% matches
    close = source.find("%}", opening.end())
    if close < 0:
        raise TemplateError(line, f"{shown(source[start : start + 40])} is not closed", "write %}")
    name = opening["name"]
    if not name:
        raise TemplateError(line, "a tag without a name", "write one such as {% if … %}")
    eats = source[close - 1] == "-"
    inside = source[opening.end() : close - eats]
    after = close + 2
    if name == "#":
        return [], after, eats
    if name == "raw":
        return _raw(source, after, line)
    if name in _ENDS:
        return [], *_skipped(source, name, after, line)
    made = [_token(TOKEN_TAG, name, line)]
    lead = len(inside) - len(inside.lstrip())
    first = line + source.count("\n", start, opening.end() + lead)
    if inside.strip():
        text = inside.strip() if name in AS_WRITTEN else _statement(name, inside.strip(), first, nested=nested)
        made.append(_token(TOKEN_EXPRESSION, text, first))
    return made, after, eats


def _statement(name: str, inside: str, line: int, *, nested: bool) -> str:
    if name != "liquid":
        return standard(inside, line, nested=nested)
    rows = inside.split("\n")
    return "\n".join(
        row if set(row.split()[:1]) & AS_WRITTEN else standard(row, line + index, nested=nested)
        for index, row in enumerate(rows)
    )


def _raw(source: str, after: int, line: int) -> tuple[list[Token], int, bool]:
    end = _RAW.search(source, after)
    if end is None:
        raise TemplateError(line, "raw is never closed", "write {% endraw %}")
    text = source[after : end.start()]
    return [_token(TOKEN_CONTENT, text, line)] if text else [], end.end(), bool(end["trim"])


def _skipped(source: str, name: str, after: int, line: int) -> tuple[int, bool]:
    """Past a comment, which may hold comments."""
    depth = 1
    for found in _ENDS[name].finditer(source, after):
        depth += 1 if found["what"] == name else -1
        if not depth:
            return found.end(), bool(found["trim"])
    raise TemplateError(line, f"{name} is never closed", f"write {{% end{name} %}}")


def _named(name: str, line: int, *, rooted: bool) -> str:
    quote = "'" if '"' in name else '"'
    if not name.strip() or quote in name:
        raise TemplateError(line, f"${{{shown(name)}}} names nothing", "write a name such as ${first_name}")
    return f"{PERSON if rooted else ''}[{quote}{name}{quote}]"


def _whole(expression: str, opened: int, close: re.Match[str], line: int) -> None:
    """Braces with a filter in them must be all there is: without them, the filter would act on more than it did."""
    if "|" not in re.sub(_STRING, "", expression[opened : close.start()]):
        return
    before = re.sub(_STRING, "", expression[:opened])
    if "|" in before or expression[close.end() :].strip(" \n\t\r-}"):
        inner = shown(expression[opened : close.start()].strip())
        raise TemplateError(
            line, f"{{{{{inner}}}}} has a filter and stands within an expression", "assign it to a variable first"
        )


def _typo(source: str, start: int, brace: int, line: int, *, inner: bool) -> TemplateError:
    what = f"{shown(source[start : brace + 1])} is closed by one brace"
    return TemplateError(
        line + source.count("\n", start, brace), what, "write }}", rule=TYPO, offset=-1 if inner else brace
    )


def _unclosed(source: str, start: int, line: int) -> TemplateError:
    return TemplateError(line, f"{shown(source[start : start + 40])} is not closed", "write }}")


def _token(kind: str, value: str, line: int) -> Token:
    """A token that knows its line: python-liquid counts it in a source, here as many empty lines as come before."""
    return Token(kind, value, line - 1, "\n" * (line - 1) + value + "\n")


def line_of(token: Token | None) -> int:
    """The line of a token that was made here, or of a part of one; 1 where there is none."""
    return token.source.count("\n", 0, max(token.start_index, 0)) + 1 if token is not None else 1
