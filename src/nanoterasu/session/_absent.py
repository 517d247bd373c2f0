"""What stands at the prompt for an optional device that did not answer."""

from __future__ import annotations

from typing import Any, NoReturn


class Absent:
    """Says that a device is absent, whatever is asked of it.

    Parameters
    ----------
    name
        Of the device.
    station
        Code of the station.
    """

    def __init__(self, name: str, station: str) -> None:
        self._said = (
            f"{name} is absent: it did not answer when this session began, which measures without "
            f"it. 'nanoterasu check {station}' says what is silent; when it answers again, open a "
            "new session."
        )

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("_"):  # as Python and IPython ask of everything
            raise AttributeError(attribute)
        raise ConnectionError(self._said)

    def __repr__(self) -> str:
        return f"<{self._said}>"

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ConnectionError(self._said)
