"""What can go wrong with a twin."""


class TwinError(RuntimeError):
    """The twin cannot be built, started or reached; the text says why and what to do."""
