"""Which palette strategies compete, as ``--palettes`` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ssimgif.errors import SettingsError
from ssimgif.model import F32, U8, Palette
from ssimgif.setting_values import parse_names

# The palette of all colours of frames that have few; nothing can be better.
EXACT = "exact"

Propose = Callable[[Sequence[U8], Sequence[F32], int, frozenset[str]], dict[str, Palette]]


@dataclass(frozen=True, slots=True)
class PaletteChoice:
    """Asks plug-ins and the core for palettes by the strategies that were chosen.

    Attributes
    ----------
    propose : callable
        Gives everybody's palettes for (frames, weights, size, names).
    usual : frozenset of str
        Strategies that compete unless others are named.
    names : frozenset of str
        Those that compete.
    only : bool
        Whether nothing but these may compete.
    """

    propose: Propose
    usual: frozenset[str]
    names: frozenset[str]
    only: bool

    @classmethod
    def parse(cls, text: str | None, known: Mapping[str, bool], propose: Propose) -> PaletteChoice:
        """Read a choice such as ``+palettenet`` or ``kmeans,pruned``.

        Parameters
        ----------
        text : str or None
            Names with commas. With ``+`` before each they are added to the usual ones; without,
            they alone compete. None is the usual ones.
        known : mapping of str to bool
            All strategies, and whether each is a usual one.
        propose : callable

        Raises
        ------
        SettingsError
            On a name that nobody has.
        """
        usual = frozenset(name for name, on in known.items() if on)
        if text is None:
            return cls(propose, usual, usual, False)
        names, added = parse_names("palettes", text)
        for name in sorted(names - known.keys()):
            every = ", ".join(sorted(known))
            raise SettingsError(f"palettes names {name!r}, which is none of {every}")
        return cls(propose, usual, usual | names if added else names, not added)

    def __call__(
        self,
        frames: Sequence[U8],
        weights: Sequence[F32],
        size: int,
        names: frozenset[str] | None = None,
    ) -> dict[str, Palette]:
        """Return the chosen strategies' palettes of at most ``size`` colours, one or more.

        ``names`` are those of the chosen ones that are needed, all by default. Where none of them
        has an answer, the usual ones stand in.
        """
        found = self.propose(frames, weights, size, self.names if names is None else names)
        if self.only:
            found = {n: p for n, p in found.items() if n in self.names or n == EXACT}
        return found or self.propose(frames, weights, size, self.usual)
