# What one party types must not be found by the next one at this station.
c = get_config()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
c.HistoryManager.enabled = False
