"""What is measured: samples with their true moments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """A magnetic film of one element on a holder.

    Attributes
    ----------
    element : str
    orbital_moment, spin_moment : float [Bohr magnetons per atom]
        Along the field at saturation and 300 K; the spin moment is the *effective* one, with the
        magnetic dipole term in it, as the spin sum rule gives it.
    holes : float
        Empty 3d states per atom.
    coercive_field, saturation_field : float [T]
        Where the loop crosses zero, and where it comes within 1 % of saturation beyond that.
    curie_temperature : float [K]
    squareness : float
        Exponent of the superellipse m**n + (T/Tc)**n = 1 (arXiv:2512.24771: 3 for iron, 2.7 for
        nickel and cobalt).
    width, height : float [mm]
        Extent in x and y, centred on the manipulator's zero.
    source : str
        Where the moments and holes come from.
    """

    element: str
    orbital_moment: float
    spin_moment: float
    holes: float
    coercive_field: float
    saturation_field: float
    curie_temperature: float
    squareness: float = 3.0
    width: float = 6.0
    height: float = 6.0
    source: str = "assumed"

    @classmethod
    def named(cls, name: str) -> Sample:
        """Return the sample called ``name``.

        Raises
        ------
        LookupError
            Naming the samples that there are.
        """
        try:
            return SAMPLES[name]
        except KeyError:
            raise LookupError(
                f"The twin has no sample {name!r}; choose one of {', '.join(sorted(SAMPLES))}."
            ) from None


_CHEN = "C. T. Chen et al., Phys. Rev. Lett. 75, 152 (1995); loop and extent assumed"

SAMPLES = {
    "Fe": Sample("Fe", 0.085, 1.98, 3.39, 0.10, 0.4, 1043.0, 3.0, source=_CHEN),
    "Co": Sample("Co", 0.154, 1.62, 2.49, 0.15, 0.6, 1388.0, 2.7, source=_CHEN),
    "Ni": Sample(
        "Ni",
        0.06,
        0.58,
        1.41,
        0.05,
        0.3,
        627.0,
        2.7,
        source="of the size usual for bulk nickel (recalled); loop and extent assumed",
    ),
}
