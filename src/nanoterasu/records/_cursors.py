"""Page marks that tell nothing: Tiled's own are numbers that count everybody's entries.

Tiled 0.2.20 marks the next page of a list with the number of its last entry in the catalog.  Two
lists some hours apart would tell how much others have measured in between, and a mark that one
may choose would find the number of any own entry.  So marks leave encrypted and are known again by
their own check; a number of somebody's own making is none.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

_NAME = "page[cursor]"
_MARK = re.compile(r"(page\[cursor\]=)(\d+)")
_WIDTH = 8  # bytes of a number, and of its check


class Cursors:
    """Encrypts and decrypts page marks.

    Parameters
    ----------
    secret
        The server's; marks given out with another are unknown.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"page marks" + secret).digest()

    def hide(self, content: Any) -> None:
        """Encrypt the marks in the links of an answer, in place."""
        links = content.get("links") if isinstance(content, dict) else None
        if not isinstance(links, dict):
            return
        for name, link in links.items():
            if isinstance(link, str):
                links[name] = _MARK.sub(lambda found: found[1] + self.seal(int(found[2])), link)

    def open_query(self, query: bytes) -> bytes | None:
        """Return a query with its marks as Tiled knows them; None when one is not ours."""
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        if all(name != _NAME for name, _ in pairs):
            return query
        opened = [(name, self.unseal(value) if name == _NAME else value) for name, value in pairs]
        if any(value is None for _, value in opened):
            return None
        return urlencode(opened).encode("ascii")

    def seal(self, number: int) -> str:
        """Return the mark for ``number``; the same each time, so that equal lists stay equal.

        >>> cursors = Cursors(b"secret")
        >>> cursors.unseal(cursors.seal(42))
        '42'
        """
        plain = number.to_bytes(_WIDTH, "big")
        check = self._mix(b"check" + plain)
        return "m" + (check + _xor(plain, self._mix(b"pad" + check))).hex()

    def unseal(self, mark: str) -> str | None:
        """Return the number of a mark, in digits; None when it was not made here."""
        try:
            body = bytes.fromhex(mark.removeprefix("m"))
        except ValueError:
            return None
        check, hidden = body[:_WIDTH], body[_WIDTH:]
        plain = _xor(hidden, self._mix(b"pad" + check))
        known = len(body) == 2 * _WIDTH and hmac.compare_digest(check, self._mix(b"check" + plain))
        return str(int.from_bytes(plain, "big")) if known else None

    def _mix(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, "sha256")[:_WIDTH]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
