"""10^5 frames that a detector writes into a file: their documents, through to Tiled."""

from __future__ import annotations

import statistics

import h5py
import numpy as np

from nanoterasu.records import Shipper, Spool, wait_until_shipped

from ._flyers import Frames, fly
from ._measure import Result, in_turns, main, ratio, timed
from ._station import METADATA, Station, session, station, stock


def measure(quick: bool) -> list[Result]:
    """Collect the same frames, announced in steps and one by one."""
    frames, single, turns = (1000, 20, 1) if quick else (100_000, 1000, 5)
    with (
        station() as place,
        Spool(place.spool_folder) as spool,
        Shipper(place.spool_folder, place.home),
    ):
        # Where the house keeps what detectors write for this beamtime.
        folder = place.home.folder / "files" / METADATA["beamtime_id"]
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        file = folder / "frames.h5"
        with h5py.File(file, "w") as made:
            chunks = (min(1000, frames), *Frames.shape)
            made.create_dataset(
                "frames", data=np.zeros((frames, *Frames.shape), "<u2"), chunks=chunks
            )
        steps = Frames(file, frames, 1000)
        one_by_one = Frames(file, single, 1)
        writer = place.writer()
        return [
            _compared(
                place, spool, writer, steps, turns, f"{frames:,} frames, one document a 1,000"
            ),
            _compared(
                place, spool, writer, one_by_one, turns, f"{single:,} frames, one document a frame"
            ),
        ]


def _compared(
    place: Station, spool: Spool, writer: object, flyer: Frames, turns: int, what: str
) -> Result:
    def ours() -> float:
        def whole() -> None:
            with session(spool) as engine:
                (uid,) = engine(fly(flyer))
            wait_until_shipped(place.spool_folder, uid, 600)

        return timed(whole)

    def theirs() -> float:
        with stock(writer) as engine:
            return timed(lambda: engine(fly(flyer)))

    found = in_turns({"ours": ours, "writer": theirs}, turns)
    middle = {name: statistics.median(times) for name, times in found.items()}
    return Result(
        f"{what}, until known to Tiled",
        f"{middle['ours']:.2f} s",
        f"bluesky with TiledWriter(), {middle['writer']:.2f} s",
        ratio(found["ours"], found["writer"]),
    )


if __name__ == "__main__":
    main(measure, __doc__)
