"""Strings planted in what each group owns, and where they turn up."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import numpy as np
from event_model import compose_run

Document = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """A run that somebody owns, or one that nobody ever made.

    Attributes
    ----------
    tag
        Access tag, which is also the name of the container.
    uid
        Of the run.
    canary
        Planted in its sample's name, purpose, file name, strings, and array.
    secrets
        Other words that requests name: of a session, a principal, and an API key.
    """

    tag: str
    uid: str
    canary: str
    secrets: dict[str, str] = field(default_factory=dict)

    def words(self) -> dict[str, str]:
        """Return what a request may name of this target."""
        return {"tag": self.tag, "uid": self.uid, "canary": self.canary, **self.secrets}


def canary() -> str:
    """Return a string that occurs nowhere else; letters that survive every encoding."""
    return f"canary{uuid4().hex}"


def invented(target: Target) -> Target:
    """Return a target that does not exist, whose words are as long as those of ``target``."""
    secrets = {name: str(uuid4())[: len(word)] for name, word in target.secrets.items()}
    return Target(f"{target.tag[:-1]}9", str(uuid4()), canary(), secrets)


@cache
def forms(word: str) -> tuple[bytes, ...]:
    """Return the bytes that ``word`` becomes in the formats that the server writes."""
    plain = word.encode()
    numbers = np.frombuffer(plain, dtype=np.uint8)
    as_base64 = tuple(
        # Cut where the neighbours' bits begin, for each place in a group of three.
        base64.b64encode(b"\0" * shift + plain)[4 * bool(shift) : -4]
        for shift in range(3)
    )
    return (
        plain,
        plain.hex().encode(),
        plain.hex().upper().encode(),
        word.encode("utf-16-le"),
        word.encode("utf-32-le"),
        *as_base64,
        *(numbers.astype(kind).tobytes() for kind in ("<i2", "<i4", "<i8", "<f4", "<f8")),
        ",".join(map(str, numbers)).encode(),
        ", ".join(map(str, numbers)).encode(),
        "\n".join(map(str, numbers)).encode(),
    )


def sighted(canaries: Iterable[str], content: bytes) -> list[str]:
    """Return those of ``canaries`` that occur in ``content``, in any form."""
    return [word for word in canaries if any(form in content for form in forms(word))]


def documents(tag: str, word: str, *, points: int = 3, began: float = 1.78e9) -> list[Document]:
    """Return the documents of a run that carries ``word`` wherever a name or a value can."""
    run = compose_run(
        time=began,
        metadata={
            "tiled_access_tags": [tag],
            "scan_id": 7,
            "beamline": "BL13U",
            "technique": "XMCD",
            "edge": "Fe L3",
            "sample": {"id": "S1", "name": word},
            "purpose": f"to hide {word}",
            "file_name": f"/data/{word}.h5",
        },
    )
    source = {"source": "test"}
    picture = np.frombuffer(word.encode(), dtype=np.uint8).reshape(1, -1)
    shape = list(picture.shape)
    stream = run.compose_descriptor(
        name="primary",
        data_keys={
            "i0": {"dtype": "number", "shape": [], "units": "A", **source},
            "label": {"dtype": "string", "shape": [], **source},
            "picture": {"dtype": "array", "shape": shape, "dtype_numpy": "|u1", **source},
        },
    )
    found: list[Document] = [
        ("start", dict(run.start_doc)),
        ("descriptor", dict(stream.descriptor_doc)),
    ]
    for point in range(points):
        data = {"i0": point + 0.5, "label": word, "picture": picture}
        found.append(
            ("event", dict(stream.compose_event(data=data, timestamps=dict.fromkeys(data, 0.0))))
        )
    return [*found, ("stop", dict(run.compose_stop()))]
