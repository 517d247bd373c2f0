"""One hash over all documents of a run, by which what was verified is known again."""

from __future__ import annotations

from hashlib import blake2b


class RunDigest:
    """A hash over the checksums of a run's documents, in order.

    >>> digest = RunDigest()
    >>> digest.add(b"checksum of the start document")
    >>> len(digest.value())
    16
    """

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)

    def add(self, checksum: bytes) -> None:
        """Take the checksum of the next document."""
        self._hash.update(checksum)

    def value(self) -> bytes:
        """Return the 16 bytes."""
        return self._hash.digest()
