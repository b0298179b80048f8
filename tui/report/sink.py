"""Where a report goes: text in, bytes of one encoding out."""

from __future__ import annotations

from typing import BinaryIO, Protocol


class Sink(Protocol):
    """What a format writes to."""

    def write(self, text: str, /) -> int:
        """Take text; how much of it was taken."""


class EncodedSink:
    """Encodes text and passes it on to a binary stream in large pieces; never closes the stream.

    ``flush`` hands on what is held back. Without it nothing more than what was handed on is
    written, so that after an error no late write follows.
    """

    PIECE = 1 << 16  # characters

    def __init__(self, stream: BinaryIO, encoding: str = "utf-8", errors: str = "strict") -> None:
        self.encoding = encoding
        self._errors = errors
        self._stream = stream
        self._held: list[str] = []
        self._size = 0

    def write(self, text: str, /) -> int:
        """Take text. Raises OSError where the stream does."""
        self._held.append(text)
        self._size += len(text)
        if self._size >= self.PIECE:
            self._hand_on()
        return len(text)

    def flush(self) -> None:
        """Hand on all text and flush the stream. Raises OSError where the stream does."""
        self._hand_on()
        self._stream.flush()

    def _hand_on(self) -> None:
        data = memoryview("".join(self._held).encode(self.encoding, self._errors))
        self._held.clear()
        self._size = 0
        while data:  # an unbuffered stream may take a part
            data = data[self._stream.write(data) :]
