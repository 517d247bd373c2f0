"""Units in the type, where a form or a command line reads them; a float to everybody else."""

from typing import Annotated

ElectronVolts = Annotated[float, "eV"]
Hertz = Annotated[float, "Hz"]
Micrometres = Annotated[float, "um"]
Seconds = Annotated[float, "s"]
Tesla = Annotated[float, "T"]
TeslaPerMinute = Annotated[float, "T/min"]
