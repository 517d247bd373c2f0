"""Import every module of a package, and print as JSON what its module bodies did besides.

Run as ``python watchman.py PACKAGE`` in a process of its own, since neither an audit hook nor an
import can be taken back.  An act is charged to the module whose body stands nearest above it on the
stack, so that what a third-party library does while it is imported is not held against the module
that imports it.
"""

import importlib
import json
import pkgutil
import sys
from types import FrameType
from typing import Any

PACKAGE = sys.argv[1]
ACTS = {
    "os.fork",
    "os.mkdir",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "socket.__new__",
    "socket.bind",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.sendmsg",
    "socket.sendto",
    "sqlite3.connect",
    "subprocess.Popen",
}
# Python 3.11 raises no audit event for these.
CALLS = {
    "_thread": {"start_joinable_thread", "start_new_thread"},
    "datetime": {"now", "today", "utcnow"},
    "time": {"localtime", "monotonic", "perf_counter", "sleep", "time", "time_ns"},
}

charges: list[tuple[str, str]] = []


def charge(act: str, frame: FrameType | None) -> None:
    """Write the act down if the nearest module body above it is one of the package's."""
    while frame is not None and frame.f_code.co_name != "<module>":
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return  # the import machinery itself, reading or caching a module
        frame = frame.f_back
    name = frame.f_globals.get("__name__", "") if frame is not None else ""
    if name == PACKAGE or name.startswith(PACKAGE + "."):
        charges.append((name, act))


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Watch sockets, processes, databases and files being written."""
    if event in ACTS:
        charge(event, sys._getframe(1))
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        charge(f"opening {arguments[0]} to write", sys._getframe(1))


def profile(frame: FrameType, event: str, function: Any) -> None:
    """Watch threads and clocks."""
    if event == "c_call":
        owner = getattr(function, "__self__", None)
        owner = getattr(owner, "__module__", None) or getattr(owner, "__name__", None)
        if function.__name__ in CALLS.get(str(owner), ()):
            charge(f"{owner}.{function.__name__}", frame)


sys.dont_write_bytecode = True
sys.addaudithook(audit)
sys.setprofile(profile)
package = importlib.import_module(PACKAGE)
for module in pkgutil.walk_packages(package.__path__, PACKAGE + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
sys.setprofile(None)

files = {
    name: str(module.__file__)
    for name, module in sorted(sys.modules.items())
    if name == PACKAGE or name.startswith(PACKAGE + ".")
}
print(json.dumps({"charges": charges, "files": files}))
