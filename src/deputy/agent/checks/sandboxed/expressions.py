"""Parses spreadsheet formulas into small trees.

Owns the grammar. Must never evaluate anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deputy.agent.checks.sandboxed.verdicts import UncheckedError

FORMULA_CHARACTERS_MAX = 8_192
DEPTH_MAX = 60
TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w!]))
    | (?P<text>"(?:[^"]|"")*")
    | (?P<error>\#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!))
    | (?P<area>(?:(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\$?[A-Za-z]{1,3}\$?\d{1,7}
        (?::\$?[A-Za-z]{1,3}\$?\d{1,7})?(?![\w(!.\[]))
    | (?P<columns>(?:(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\$?[A-Za-z]{1,3}
        :\$?[A-Za-z]{1,3}(?![\w(]))
    | (?P<function>[A-Za-z_][\w.]*\()
    | (?P<structured>[A-Za-z_\\][\w.]*\[)
    | (?P<name>[A-Za-z_\\][\w.]*)
    | (?P<operator><>|<=|>=|[-+*/^&=<>%(),])
    )""",
    re.VERBOSE,
)
LEVELS = (("=", "<>", "<", "<=", ">", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))


@dataclass(frozen=True)
class Literal:
    """A number, a text, a truth value or an error code (kind "error")."""

    kind: str
    value: float | str | bool | None


@dataclass(frozen=True)
class AreaText:
    """A reference as written: sheet (or None) and both corners with their dollar signs."""

    sheet: str | None
    first: str
    last: str


@dataclass(frozen=True)
class Structured:
    """A reference into a table: column headings (one or two ends) and an item such as #Totals."""

    table: str
    items: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """A defined name."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function or an operator with its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Literal | AreaText | Structured | Name | Call
Token = tuple[str, str]


def parse(text: str) -> Node:
    """Give the tree of a formula, written without its equals sign."""
    if len(text) > FORMULA_CHARACTERS_MAX:
        raise UncheckedError("A formula is too long to be recomputed.")
    parser = _Parser(_tokens(text))
    node = parser.expression(0)
    if parser.peek() is not None:
        raise UncheckedError(f"The formula ={text[:80]} is not understood.")
    return node


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if not found or found.lastgroup is None:
            raise UncheckedError(f"The formula ={text[:80]} is not understood.")
        kind, raw, at = found.lastgroup, found.group(found.lastgroup), found.end()
        if kind == "structured":
            end = _closing(text, at)
            raw, at = raw + text[at:end], end
        tokens.append((kind, raw))
    return tokens


def _closing(text: str, at: int) -> int:
    """Give the place after the bracket that closes a structured reference; ' escapes."""
    depth = 1
    while at < len(text) and depth:
        if text[at] == "'":
            at += 1
        elif text[at] in "[]":
            depth += 1 if text[at] == "[" else -1
        at += 1
    return at


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    def peek(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def expression(self, level: int) -> Node:
        """Read operators of this level and all that bind tighter."""
        if level == len(LEVELS):
            return self._signed()
        self._depth += 1
        if self._depth > DEPTH_MAX * len(LEVELS):
            raise UncheckedError("A formula is nested too deeply to be recomputed.")
        node = self.expression(level + 1)
        while (sign := self.peek()) in LEVELS[level] and self._kind() == "operator":
            self._at += 1
            node = Call(str(sign), (node, self.expression(level + 1)))
        self._depth -= 1
        return node

    def _kind(self) -> str:
        return self._tokens[self._at][0]

    def _signed(self) -> Node:
        sign = self.peek()
        if sign in ("-", "+"):
            self._at += 1
            inner = self._signed()
            return Call("negate", (inner,)) if sign == "-" else inner
        node = self._atom()
        while self.peek() == "%":
            self._at += 1
            node = Call("/", (node, Literal("number", 100.0)))
        return node

    def _atom(self) -> Node:
        if self.peek() is None:
            raise UncheckedError("A formula ends too early.")
        kind, raw = self._tokens[self._at]
        self._at += 1
        if kind == "operator":
            if raw != "(":
                raise UncheckedError(f"A formula has {raw!r} where a value belongs.")
            node = self.expression(0)
            self._expect(")")
            return node
        if kind == "function":
            name = raw[:-1].upper().removeprefix("_XLFN.").removeprefix("_XLWS.")
            return Call(name, self._arguments())
        return _leaf(kind, raw)

    def _arguments(self) -> tuple[Node, ...]:
        found: list[Node] = []
        if self.peek() == ")":
            self._at += 1
            return ()
        while True:
            empty = self.peek() in (",", ")")
            found.append(Literal("blank", None) if empty else self.expression(0))
            if self.peek() != ",":
                break
            self._at += 1
        self._expect(")")
        return tuple(found)

    def _expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise UncheckedError(f"A formula lacks {sign!r}.")
        self._at += 1


def _leaf(kind: str, raw: str) -> Node:
    if kind == "number":
        return Literal("number", float(raw))
    if kind == "text":
        return Literal("text", raw[1:-1].replace('""', '"'))
    if kind == "error":
        return Literal("error", raw)
    if kind == "structured":
        return _structured(raw)
    if kind == "name":
        if raw.upper() in ("TRUE", "FALSE"):
            return Literal("truth", raw.upper() == "TRUE")
        return Name(raw)
    sheet, _, cells = raw.rpartition("!")
    first, _, last = cells.partition(":")
    plain = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    return AreaText(plain or None, first.upper(), (last or first).upper())


def _structured(raw: str) -> Structured:
    """Read Table[Column], Table[[#This Row],[Column]], Table[[A]:[B]], Table[@Column]."""
    table, _, inner = raw.partition("[")
    inner = inner[:-1]
    if not inner.startswith("["):
        if inner.startswith("@"):
            inner = inner[1:].removeprefix("[").removesuffix("]")
            return Structured(table, ("#this row",), (_unescape(inner),))
        if inner.startswith("#"):
            return Structured(table, (inner.casefold(),), ())
        return Structured(table, (), (_unescape(inner),) if inner else ())
    parts = [_unescape(part) for part in re.findall(r"\[((?:'.|[^\[\]'])*)\]", inner)]
    items = tuple(part.casefold() for part in parts if part.startswith("#"))
    return Structured(table, items, tuple(part for part in parts if not part.startswith("#")))


def _unescape(heading: str) -> str:
    return re.sub(r"'(.)", r"\1", heading)
