"""Units in the type, where a form or a command line reads them; a float to everybody else."""

from typing import Annotated

Degrees = Annotated[float, "deg"]
ElectronVolts = Annotated[float, "eV"]
Hertz = Annotated[float, "Hz"]
Kelvin = Annotated[float, "K"]
Micrometres = Annotated[float, "um"]
Millimetres = Annotated[float, "mm"]
PerAngstrom = Annotated[float, "1/angstrom"]
Seconds = Annotated[float, "s"]
Tesla = Annotated[float, "T"]
TeslaPerMinute = Annotated[float, "T/min"]
