"""A large JSON document, value by value, from a stream."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, BinaryIO, Callable

from tui.agent.reading import chunks

MAX_VALUE = 8 << 20  # characters of one value that is decoded at once
_CHUNK = 1 << 20
_SPACE = re.compile(r"[ \t\n\r]*")


class NotJson(Exception):
    """The document ends too early or is not JSON; ``str()`` is one clause."""


class JsonStream:
    """Walks through a document. Bytes that are not UTF-8 become lone surrogates, as in paths.

    ``members`` and ``elements`` enter an object or an array that comes next; inside a loop over
    members the value must be consumed, with ``value`` or ``elements``. Raises NotJson and OSError.
    """

    def __init__(self, stream: BinaryIO, decoder: JSONDecoder, limit: int) -> None:
        self._chunks = chunks(stream, limit, _CHUNK)
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._decoder = decoder
        self._text = ""
        self._at = 0
        self._ended = False

    def _more(self) -> bool:
        """Read on; False where nothing is left."""
        if self._ended:
            return False
        piece = next(self._chunks, b"")
        self._ended = not piece
        self._text = self._text[self._at :] + self._decode(piece, self._ended)
        self._at = 0
        return True

    def _peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _expect(self, wanted: str) -> str:
        char = self._peek()
        if not char:
            raise NotJson("it ends too early")
        if char not in wanted:
            raise NotJson(f"'{wanted[0]}' is missing")
        self._at += 1
        return char

    def at_end(self) -> bool:
        """Whether nothing but white space is left."""
        return not self._peek()

    def value(self) -> Any:
        """Decode the value that comes next."""
        if not self._peek():
            raise NotJson("it ends too early")
        while True:
            try:
                # A number at the very end of what is read could go on: decode it with what follows.
                value, end = self._decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or not self._more():
                    self._at = end
                    return value
            except RecursionError:
                raise NotJson("values are nested too deep") from None
            except JSONDecodeError as error:
                if len(self._text) - self._at > MAX_VALUE:
                    raise NotJson("a value is too long") from None
                if not self._more():
                    early = error.pos >= len(self._text) - 1
                    raise NotJson("it ends too early" if early else "no valid value") from None
            except ValueError as error:
                raise NotJson(str(error)) from None

    def members(self) -> Iterator[str]:
        """The keys of the object that comes next."""
        self._expect("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise NotJson("a key is no text")
            self._expect(":")
            yield key
            if self._expect(",}") == "}":
                return

    def elements(self) -> Iterator[Any]:
        """The decoded elements of the array that comes next."""
        self._expect("[")
        if self._peek() == "]":
            self._at += 1
            return
        scan: Callable[[str, int], tuple[Any, int]] = vars(self._decoder)["scan_once"]
        while True:
            try:
                # The common case, a value and a comma with no white space, in as few steps as possible.
                value, end = scan(self._text, self._at)
                if self._text[end] == ",":
                    self._at = end + 1
                    yield value
                    continue
            except (StopIteration, ValueError, IndexError, RecursionError):
                pass  # value() tells the end of what is read so far from an error
            yield self.value()
            if self._expect(",]") == "]":
                return
