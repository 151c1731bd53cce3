"""Text from a batch made safe to show: what a screen, XML or a reader's eye would take for something else."""

from __future__ import annotations

import re

# Control characters move a terminal's cursor and are forbidden in XML; lone surrogates have no UTF-8;
# the bidirectional marks let a name be read as another name.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """The same text on one line, each character that cannot be seen written as an escape."""
    return _HIDDEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
