"""The RunEngine of a session: every run passes its gate, every document is durable first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bluesky.utils import PauseRequest, SigintHandler

from nanoterasu.facility import PROTECTED

from ._copies import OwnCopies, own_copy
from ._withheld import Withheld
from ._write_ahead import WriteAheadEngine

GUARDED = frozenset({*PROTECTED, "start_schema", "twin"})
"""Keys of a start document that the session alone sets."""

_SEALED = frozenset(
    {
        *("md_normalizer", "dispatcher", "emit", "emit_sync", "RunBundler"),
        *(
            "_gate",
            "_journal",
            "_settle_journal",
            "register_command",
            "_issued",
            "_opened",
            "_open_run",
            "_normalize",
        ),
    }
)


class ProtectedKeyError(ValueError):
    """A plan, ``RE.md`` or ``md=`` tried to set a key that the session alone sets."""


class _Listening(SigintHandler):
    """bluesky's answer to Ctrl-C, which forgets one that comes in the last moments of a plan."""

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        super().__exit__(kind, error, trace)
        self._RE.ctrl_c = self._request is not PauseRequest.NONE


class SessionEngine(WriteAheadEngine):
    """RunEngine whose runs pass one gate, and whose documents are durable before they are seen.

    What a subscriber raises is a warning: a table or a plot never stops a measurement.  What it
    does to a document stays its own: each gets a copy.

    Parameters
    ----------
    gate
        Takes the collected metadata of a run, returns them with the protected keys; raises to
        refuse the run.  It cannot be replaced, and a run opens with what it returned or not at
        all.
    journal, settle
        Record a document, and make durable what was recorded: see `WriteAheadEngine`.
    withheld
        Learns which words of the metadata must stay out of logs.

    Attributes
    ----------
    ctrl_c : bool
        Whether Ctrl-C was pressed during the last plan, also where the plan ended before it could
        pause: for a script that runs one plan after another.
    """

    def __init__(
        self,
        gate: Callable[[dict[str, Any]], dict[str, Any]],
        journal: Callable[[str, Mapping[str, Any]], Any],
        *,
        settle: Callable[[], None] = lambda: None,
        withheld: Withheld | None = None,
        **kwargs: Any,
    ) -> None:
        self._sealed = False
        self._gate = gate
        self._withheld = withheld or Withheld()
        self._issued: list[dict[str, Any]] = []  # protected values of the run that may open next
        self._opened: set[str] = set()
        self.ctrl_c = False
        super().__init__(journal, settle, context_managers=[_Listening], **kwargs)
        self.dispatcher.cb_registry = OwnCopies(
            allowed_sigs=self.dispatcher.cb_registry.allowed_sigs
        )
        self.ignore_callback_exceptions = True
        self._sealed = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SEALED and getattr(self, "_sealed", False):
            raise ProtectedKeyError(
                f"{name} of a session's RunEngine cannot be replaced: it sets who owns what "
                "is measured. Put what you want to record into md={...} of the plan."
            )
        super().__setattr__(name, value)

    def __call__(self, plan: Any, subs: Any = None, /, **metadata_kw: Any) -> Any:
        """Execute a plan, as `bluesky.RunEngine` does.

        Its words are withheld from the first line of the log on, before a run is open.
        """
        self._withheld.learn(metadata_kw, self.md, plan)
        return super().__call__(plan, subs, **metadata_kw)

    def _before(self, name: str, doc: Mapping[str, Any]) -> None:
        if name == "start":
            self._withheld.learn_start(doc)

    def _after(self, name: str, doc: Mapping[str, Any]) -> None:
        if name == "start":
            self._opened.add(doc["uid"])
        elif name == "stop":
            self._opened.discard(doc["run_start"])

    def _belongs(self, name: str, doc: Mapping[str, Any]) -> bool:
        """Whether ``doc`` is of a run of this session; raise where it claims to be and is not.

        The last look at a start document, whatever a plan, a bundler or a command of the user's
        did to it after the gate.
        """
        if name == "start":
            issued = self._issued.pop() if self._issued else None
            if issued is None or {key: doc.get(key) for key in GUARDED} != issued:
                raise ProtectedKeyError(
                    "A start document does not carry what the session set for it, so the run was "
                    "not opened. Open runs with bps.open_run() or a plan that does, and leave "
                    "the engine's own methods as they are."
                )
        elif name == "descriptor" and doc.get("run_start") not in self._opened:
            raise ProtectedKeyError(
                f"A descriptor names run {doc.get('run_start')}, which this session did not open; "
                "it was not recorded. Open the run with bps.open_run()."
            )
        # A run that was refused has nothing to end.
        return name != "stop" or doc.get("run_start") in self._opened

    @property
    def md_normalizer(self) -> Any:
        """The gate."""
        return self._normalize

    @md_normalizer.setter
    def md_normalizer(self, gate: Any) -> None:
        """Leave the gate as it is; bluesky gives its default while it is made."""

    def _normalize(self, md: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the metadata with the protected keys, and remember these for the document."""
        self._issued.clear()
        start = self._gate(plain(md))
        self._issued.append({key: own_copy(start.get(key)) for key in GUARDED})
        return start


def plain(md: Mapping[Any, Any]) -> dict[str, Any]:
    """Read ``md`` once, into a dictionary with plain strings for keys.

    A mapping that answers differently each time it is asked, or a key that compares as it likes,
    would be one thing to the gate and another to the document.

    Raises
    ------
    ProtectedKeyError
        When a key is no string.
    """
    found: dict[str, Any] = {}
    for key in list(md):
        if not isinstance(key, str):
            raise ProtectedKeyError(
                f"The metadata have the key {key!r}, which is no word. The run was not opened. "
                "Give every key of RE.md and md= as a string."
            )
        found[str.__str__(key)] = own_copy(md[key])
    return found
