"""``python -m nanoterasu.twin BL13U``: serve a beamline's twin until it is ended."""

import argparse
import json
import sys
from pathlib import Path

from ._errors import TwinError
from ._server import ADDRESS, serve


def main() -> int:
    """Serve, and say where in one line of JSON; give back an exit code."""
    parser = argparse.ArgumentParser(prog="python -m nanoterasu.twin", description=__doc__)
    parser.add_argument("beamline", help="code of the beamline, as BL13U")
    parser.add_argument("--address", default=ADDRESS, help="of this machine's loopback")
    parser.add_argument("--port", type=int, help="of Channel Access; a free one without it")
    parser.add_argument("--home", type=Path, help="folder of the running system")
    parser.add_argument("--speed", type=float, default=1.0, help="instrument seconds in a second")
    parser.add_argument("--seed", type=int, default=0, help="of the counting noise")
    parser.add_argument("--sample", default="Fe", help="on the manipulator: Fe, Co or Ni")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent")
    chosen = parser.parse_args()
    try:
        serve(
            chosen.beamline,
            address=chosen.address,
            port=chosen.port,
            home=chosen.home,
            speed=chosen.speed,
            seed=chosen.seed,
            sample=chosen.sample,
            announce=lambda about: print(json.dumps(about), flush=True),
            until_closed=sys.stdin.fileno() if chosen.until_stdin_closes else None,
        )
    except TwinError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
