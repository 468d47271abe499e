"""Reader of the ISO base media file format's boxes that say how an AVIF is to be shown.

Decoders give the pictures; what a picture is for (colour, alpha, depth), how often the animation
plays and how it is turned or cropped stands in boxes only (ISO/IEC 14496-12, 23008-12 and
23000-22, AV1 Image File Format)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ssimgif.sources.isobmff import Box, BoxError, TruncatedDataError, top_level
from ssimgif.sources.orient import UPRIGHT, Transform
from ssimgif.sources.properties import (
    ALPHA_TYPES,
    UNSTATED,
    StatedColor,
    is_alpha,
    operating_point,
    stated_color,
    transform,
)

FOR_EVER = 0
_MAX_HEADER_BYTES = 64 << 20
_MAX_PLAYS = 65_535
_SAMPLE_ENTRY_HEADER = 78
_VISUAL_HANDLERS = frozenset({"pict", "vide", "auxv"})


@dataclass(frozen=True, slots=True)
class Track:
    """One track with pictures.

    Attributes
    ----------
    id : int
    handler : str
        ``pict``, ``vide`` or ``auxv``.
    samples : int
    unshown : int
        Samples, the last one left out, with a duration of 0.
    media_duration : int
        Sum of the samples' durations, in the track's time scale.
    plays : int
        Total plays as the edit list states; 0 is for ever.
    auxiliary_for : tuple of int
        Ids of the tracks this one belongs to as an auxiliary.
    auxiliary_type : str or None
    premultiplied_by : tuple of int
        Ids of the alpha tracks this one's colours are multiplied by.
    transform : Transform
    color : StatedColor
    operating_point : int
        Which of the AV1 stream's operating points is shown.
    """

    id: int = 0
    handler: str = ""
    samples: int = 0
    unshown: int = 0
    media_duration: int = 0
    plays: int = FOR_EVER
    auxiliary_for: tuple[int, ...] = ()
    auxiliary_type: str | None = None
    premultiplied_by: tuple[int, ...] = ()
    transform: Transform = UPRIGHT
    color: StatedColor = UNSTATED
    operating_point: int = 0

    @property
    def is_alpha(self) -> bool:
        """Whether this track is the alpha plane of another."""
        if not self.auxiliary_for:
            return False
        return self.auxiliary_type in ALPHA_TYPES or (
            self.auxiliary_type is None and self.handler == "auxv"
        )


@dataclass(frozen=True, slots=True)
class Item:
    """The primary still image.

    Attributes
    ----------
    id : int
    kind : str
        Item type, ``av01`` for one coded picture, ``grid`` for tiles.
    transform : Transform
    color : StatedColor
    alpha : int or None
        Id of its alpha item.
    premultiplied : bool
    operating_point : int
        Which of the AV1 stream's operating points is shown.
    """

    id: int
    kind: str
    transform: Transform = UPRIGHT
    color: StatedColor = UNSTATED
    alpha: int | None = None
    premultiplied: bool = False
    operating_point: int = 0


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the boxes of a file say.

    Attributes
    ----------
    brands : frozenset of str
        The major brand and the compatible ones.
    major_brand : str
    tracks : tuple of Track
    primary : Item or None
    items_first : bool
        Whether the still items stand before the tracks.
    truncated : str or None
        What is missing of the coded pictures.
    """

    brands: frozenset[str]
    major_brand: str
    tracks: tuple[Track, ...] = ()
    primary: Item | None = None
    items_first: bool = True
    truncated: str | None = None

    @property
    def is_avif(self) -> bool:
        """Whether a brand says AV1 image file."""
        return bool(self.brands & {"avif", "avis"})

    def color_track(self) -> Track | None:
        """Return the track to show: the first with pictures that is nobody's auxiliary."""
        shown = [t for t in self.tracks if not t.auxiliary_for and t.samples]
        return min(shown, key=lambda t: t.handler == "auxv", default=None)

    def alpha_track(self, color: Track) -> Track | None:
        """Return the alpha track of a colour track."""
        return next((t for t in self.tracks if t.is_alpha and color.id in t.auxiliary_for), None)


def is_iso_media(head: bytes) -> bool:
    """Tell whether a file's first 12 bytes start an ISO base media file."""
    return len(head) >= 12 and head[4:8] == b"ftyp"


def read_presentation(path: Path) -> Presentation:
    """Read the boxes of an ISO base media file.

    Files that are no AVIF give their tracks alone, and none where their boxes are unusual.

    Raises
    ------
    BoxError
        When one of these boxes is truncated; for AVIF also when a box lies outside its parent, or
        counts are absurd.
    OSError
        When the file can't be read.
    """
    shown = Presentation(frozenset(), "")
    with path.open("rb") as file:
        boxes = top_level(file, path.stat().st_size)
        try:
            for kind, start, size in boxes:
                if kind in {"ftyp", "meta", "moov"}:
                    file.seek(start)
                    shown = _with_part(shown, kind, size, file)
        except TruncatedDataError as error:
            return replace(shown, truncated=str(error))
    return shown


def _with_part(shown: Presentation, kind: str, size: int, file: BinaryIO) -> Presentation:
    try:
        if size > _MAX_HEADER_BYTES:
            raise BoxError(f"its {kind} box of {size} bytes is absurd")
        return _with_box(shown, Box(kind, memoryview(file.read(size))))
    except BoxError:
        if shown.is_avif:
            raise
        return shown


def _with_box(shown: Presentation, box: Box) -> Presentation:
    if box.kind == "ftyp":
        words = [bytes(box.data[i : i + 4]) for i in range(0, len(box.data) - 3, 4)]
        brands = [word.decode("latin-1") for i, word in enumerate(words) if i != 1]
        return replace(shown, brands=frozenset(brands), major_brand=brands[0] if brands else "")
    if box.kind == "moov":
        return replace(shown, tracks=_tracks(box))
    # Elsewhere, meta is another box of the same name.
    if not shown.is_avif:
        return shown
    return replace(shown, primary=_primary_item(box), items_first=not shown.tracks)


# Tracks


def _tracks(moov: Box) -> tuple[Track, ...]:
    found = [_track(box) for box in moov.children() if box.kind == "trak"]
    return tuple(t for t in found if t.handler in _VISUAL_HANDLERS)


def _track(trak: Box) -> Track:
    track, duration = Track(), 0
    if header := trak.find("tkhd"):
        track, duration = _track_header(header)
    if handler := trak.find("mdia", "hdlr"):
        handler.take(8)
        track = replace(track, handler=bytes(handler.take(4)).decode("latin-1"))
    if track.handler not in _VISUAL_HANDLERS:
        return track
    if edits := trak.find("edts", "elst"):
        track = replace(track, plays=_plays(edits, duration))
    if references := trak.find("tref"):
        for box in references.children():
            ids = tuple(box.uint(4) for _ in range(len(box.data) // 4))
            if box.kind == "auxl":
                track = replace(track, auxiliary_for=ids)
            elif box.kind == "prem":
                track = replace(track, premultiplied_by=ids)
    if table := trak.find("mdia", "minf", "stbl"):
        if times := table.find("stts"):
            track = _sample_times(times, track)
        if descriptions := table.find("stsd"):
            track = _sample_entry(descriptions, track)
    return track


def _track_header(box: Box) -> tuple[Track, int]:
    """Return the track's id and matrix, and its duration in the movie's time scale."""
    version, _ = box.version_flags()
    wide = 8 if version == 1 else 4
    box.take(2 * wide)
    track_id = box.uint(4)
    box.take(4)
    duration = box.uint(wide)
    if duration == (1 << 8 * wide) - 1:
        duration = 1 << 64
    box.take(16)
    matrix = [box.sint(4) / (1 << 30 if i % 3 == 2 else 1 << 16) for i in range(9)]
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    return Track(id=track_id, transform=Transform.from_matrix(a, b, c, d)), duration


def _plays(box: Box, track_duration: int) -> int:
    """Total plays: the edit list repeats until the track's duration is filled (23008-12, 9.6.1)."""
    version, flags = box.version_flags()
    wide = 8 if version == 1 else 4
    edits = []
    for _ in range(box.count(4)):
        edits.append((box.uint(wide), box.sint(wide)))
        box.take(4)
    segment = sum(length for length, _ in edits)
    if not edits:
        return FOR_EVER
    if not flags & 1:
        return 1
    plays = -(-track_duration // segment) if segment else FOR_EVER
    return plays if 0 < plays <= _MAX_PLAYS else FOR_EVER


def _sample_times(box: Box, track: Track) -> Track:
    box.version_flags()
    samples = total = unshown = 0
    count = delta = 0
    for _ in range(box.count(4)):
        count, delta = box.uint(4), box.uint(4)
        samples += count
        total += count * delta
        unshown += 0 if delta else count
    if count and not delta:
        unshown -= 1
    return replace(track, samples=samples, media_duration=total, unshown=unshown)


def _sample_entry(box: Box, track: Track) -> Track:
    box.version_flags()
    box.count(4)
    entry = next(box.children(), None)
    if entry is None or len(entry.data) < _SAMPLE_ENTRY_HEADER:
        return track
    entry.take(_SAMPLE_ENTRY_HEADER)
    properties = list(entry.children())
    for child in properties:
        if child.kind == "auxi":
            child.version_flags()
            track = replace(track, auxiliary_type=child.text())
    track = replace(
        track, color=stated_color(properties), operating_point=operating_point(properties)
    )
    turned = transform(properties)
    # The image properties of the sample entry say more than the matrix and are meant alone.
    return track if turned == UPRIGHT else replace(track, transform=turned)


# Items


def _primary_item(meta: Box) -> Item | None:
    meta.version_flags()
    primary = meta.child("pitm")
    if primary is None:
        return None
    version, _ = primary.version_flags()
    item_id = primary.uint(2 if version == 0 else 4)
    kinds = _item_kinds(meta.child("iinf"))
    if item_id not in kinds:
        return None
    properties = _item_properties(meta.child("iprp"))
    own = properties.get(item_id, [])
    item = Item(
        item_id,
        kinds[item_id],
        transform(own),
        stated_color(own),
        operating_point=operating_point(own),
    )
    for kind, source, targets in _item_references(meta.child("iref")):
        if kind == "auxl" and item_id in targets and is_alpha(properties.get(source, [])):
            item = replace(item, alpha=source)
    for kind, source, targets in _item_references(meta.child("iref")):
        if kind == "prem" and source == item_id and item.alpha in targets:
            item = replace(item, premultiplied=True)
    return item


def _item_kinds(box: Box | None) -> dict[int, str]:
    if box is None:
        return {}
    version, _ = box.version_flags()
    box.count(2 if version == 0 else 4)
    kinds = {}
    for entry in box.children():
        if entry.kind == "infe":
            version, _ = entry.version_flags()
            if version >= 2:
                item_id = entry.uint(2 if version == 2 else 4)
                entry.take(2)
                kinds[item_id] = bytes(entry.take(4)).decode("latin-1")
    return kinds


def _item_properties(box: Box | None) -> dict[int, list[Box]]:
    """Return each item's properties, in the order of its association list."""
    shelf = box.child("ipco") if box else None
    if box is None or shelf is None:
        return {}
    every = list(shelf.children())
    of_item: dict[int, list[Box]] = {}
    for links in box.children():
        if links.kind != "ipma":
            continue
        version, flags = links.version_flags()
        for _ in range(links.count(4)):
            item_id = links.uint(2 if version == 0 else 4)
            wide = 2 if flags & 1 else 1
            for _ in range(links.uint(1)):
                index = links.uint(wide) & ((1 << 8 * wide - 1) - 1)
                if 0 < index <= len(every):
                    of_item.setdefault(item_id, []).append(replace(every[index - 1], position=0))
    return of_item


def _item_references(box: Box | None) -> Iterator[tuple[str, int, list[int]]]:
    if box is None:
        return
    box = replace(box, position=0)
    version, _ = box.version_flags()
    wide = 2 if version == 0 else 4
    for reference in box.children():
        source = reference.uint(wide)
        yield reference.kind, source, [reference.uint(wide) for _ in range(reference.count(2))]
