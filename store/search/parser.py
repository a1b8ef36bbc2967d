"""Reads what people type into the search box; any input gives a tree or a `QueryError` that says what to change.

    空格      all of them             东塍 气味
    「」 ""   word for word           「晚上 九点」
    − -       without                 东塍 −厂        (a hyphen inside a word stays: a-b)
    | 或      one of them             东塍 气味|味道   (binds closer than the blank)
    （）      groups                  东塍 （气味 −厂|噪声）
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from store.search.query import All, Either, Node, QueryError, Term, Without, positive
from store.search.tokens import fold

#: Folded characters of all terms together, terms, and nested brackets that one query may have.
MAX_CHARACTERS = 500
MAX_TERMS = 40
MAX_DEPTH = 8

_CLOSING = {"「": "」", "『": "』", "“": '”"', "”": '”"', '"': '”"“'}
_STRAY = frozenset("」』")
_MINUS = frozenset("-−–")
_OR_WORDS = frozenset({"或", "OR"})


@dataclass(frozen=True, slots=True)
class _Sign:
    """An operator: ``(``, ``)``, ``|`` or ``-``."""

    sign: str


_Lexeme = Term | _Sign


def parse(query: str) -> Node:
    """The tree of a query. Raises QueryError."""
    lexemes = _Lexer(query).lexemes()
    terms = [lexeme for lexeme in lexemes if isinstance(lexeme, Term)]
    if not terms:
        raise QueryError("没有要找的词：写一个词，如 停水；几个词用空格隔开")
    length = sum(len(term.text) for term in terms)
    if length > MAX_CHARACTERS:
        raise QueryError(f"检索词共 {length} 字，至多 {MAX_CHARACTERS} 字；留下最要紧的几个词再查")
    if len(terms) > MAX_TERMS:
        raise QueryError(f"检索词有 {len(terms)} 个，至多 {MAX_TERMS} 个；留下最要紧的几个再查")
    node = _Parser(lexemes).whole()
    _require_positive(node)
    return node


def _require_positive(node: Node) -> None:
    match node:
        case Without():
            raise QueryError("只写了不要的词；再写一个要找的词，如 东塍 −厂")
        case Either(parts):
            if not all(positive(part) for part in parts):
                raise QueryError("「或」的每一边都要有一个要找的词，不能只有不要的词")
            for part in parts:
                _require_positive(part)
        case All(parts):
            if not positive(node):
                raise QueryError("只写了不要的词；再写一个要找的词，如 东塍 −厂")
            for part in parts:
                _require_positive(part.part if isinstance(part, Without) else part)
        case Term():
            return


class _Lexer:
    """Cuts a query into terms and signs; full-width signs count as their ASCII forms."""

    def __init__(self, query: str) -> None:
        self.text = query
        self.at = 0
        self.out: list[_Lexeme] = []
        self.word: list[str] = []

    def lexemes(self) -> list[_Lexeme]:
        while self.at < len(self.text):
            char = self.text[self.at]
            plain = unicodedata.normalize("NFKC", char)
            self.at += 1
            if char in _CLOSING or plain == '"':
                self._end_word()
                self._quotation(_CLOSING.get(char, _CLOSING['"']))
            elif plain in {"(", ")", "|"}:
                self._end_word()
                self.out.append(_Sign(plain))
            elif char.isspace() or plain.isspace() or char in _STRAY:
                self._end_word()
            elif plain in _MINUS and not self.word:
                self._minus()
            else:
                self.word.append(char)
        self._end_word()
        return self.out

    def _end_word(self) -> None:
        word, self.word = "".join(self.word), []
        if unicodedata.normalize("NFKC", word) in _OR_WORDS:
            self.out.append(_Sign("|"))
        else:
            self._add(word)

    def _quotation(self, closing: str) -> None:
        start = self.at
        while self.at < len(self.text) and unicodedata.normalize("NFKC", self.text[self.at]) not in closing:
            self.at += 1
        self._add(self.text[start : self.at], exact=True)
        self.at += 1

    def _minus(self) -> None:
        """A minus counts where something follows at once; several are one."""
        while self.at < len(self.text) and unicodedata.normalize("NFKC", self.text[self.at]) in _MINUS:
            self.at += 1
        if self.at < len(self.text) and not self.text[self.at].isspace():
            self.out.append(_Sign("-"))

    def _add(self, raw: str, *, exact: bool = False) -> None:
        folded = fold(raw)
        if folded:
            self.out.append(Term(folded, exact))


class _Parser:
    """Recursive descent: whole = part*, part = "-" part | choice, choice = atom ("|" atom)*; stray signs are passed over."""

    def __init__(self, lexemes: list[_Lexeme]) -> None:
        self.lexemes = lexemes
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.lexemes):
            parts += self._parts()
            self.at += 1  # a stray closing bracket
        return _all(parts)

    def _peek(self) -> _Lexeme | None:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else None

    def _parts(self) -> list[Node]:
        parts: list[Node] = []
        while (lexeme := self._peek()) is not None and lexeme != _Sign(")"):
            part = self._part()
            if part is not None:
                parts.append(part)
        return parts

    def _part(self) -> Node | None:
        minus = False
        while self._peek() == _Sign("-"):
            minus = True
            self.at += 1
        part = self._choice()
        if part is None or not minus:
            return part
        return part.part if isinstance(part, Without) else Without(part)

    def _choice(self) -> Node | None:
        first = self._atom()
        choices = [] if first is None else [first]
        while self._peek() == _Sign("|"):
            self.at += 1
            minus = self._peek() == _Sign("-")
            if minus:
                self.at += 1
            atom = self._atom()
            if atom is not None:
                choices.append(Without(atom) if minus else atom)
        return _any(choices) if choices else None

    def _atom(self) -> Node | None:
        lexeme = self._peek()
        if isinstance(lexeme, Term):
            self.at += 1
            return lexeme
        if lexeme != _Sign("("):
            return None
        self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"括号套了 {self.depth} 层，至多 {MAX_DEPTH} 层；请去掉一些括号")
        parts = self._parts()
        self.depth -= 1
        self.at += 1  # the closing bracket, or the end
        return _all(parts) if parts else None


def _all(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, All) else (part,)
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def _any(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Either) else (part,)
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else Either(tuple(flat))
