"""The story on a terminal: what one score moved, before and after, and how long each hop took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.demo.population.measuring import Rating
from deploy.demo.story.drawing import grid, side_by_side
from services.assessment.performance.rules import settle_predikat

_WIDTH: Final = 92
_LABEL: Final = 47
_COLUMN: Final = 20
_SCOPES: Final = (
    ("region", "wilayah / region"),
    ("unit", "unit kerja / unit"),
    ("level", "jenjang jabatan di wilayah / level in region"),
    ("province", "provinsi / province"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What the services answered at one moment: the person's talent and ranks, and where the region stands."""

    talent: dict[str, Any]
    ranks: dict[str, Any]
    standing: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hop:
    """`milliseconds` since the score was sent; None where the hop was not seen in time."""

    what: str
    milliseconds: float | None


def story(old: Rating, new: Rating, before: Moment, after: Moment, hops: Sequence[Hop]) -> Iterator[str]:
    """All lines, in order."""
    yield ""
    yield "═" * _WIDTH
    yield " Satu skor mengubah kotak, kelompok rencana suksesi, dan peringkat / one score moves them all"
    yield "═" * _WIDTH
    yield from _who(old, new, after)
    yield ""
    yield from side_by_side(
        grid("sebelum / before", before.talent["box"]),
        grid("sesudah / after", after.talent["box"], labelled=False),
        gap="        ",
    )
    yield f"{'':18}▐ pegawai ini / this person ▌   ·n· kelompok rencana suksesi / succession group"
    yield ""
    yield from _moved(before, after)
    yield ""
    yield from _timed(hops)
    yield "═" * _WIDTH


def _who(old: Rating, new: Rating, after: Moment) -> Iterator[str]:
    talent = after.talent
    yield f" pegawai / employee   {talent['employee_id']}  ({talent['level']}, unit {talent['unit_id']})"
    yield f" skor / score         {new.year}: {_predikat(old)} → {_predikat(new)}"


def _predikat(rating: Rating) -> str:
    return settle_predikat(rating.hasil, rating.perilaku, None).replace("_", " ")


def _moved(before: Moment, after: Moment) -> Iterator[str]:
    yield _row("", "sebelum / before", "sesudah / after")
    for label, name, form in (
        ("x  potensial / potential", "x", ".4f"),
        ("y  kinerja / performance", "y", ".4f"),
        ("nilai talenta / talent value", "talent_value", ".2f"),
        ("kotak / box", "box", ""),
    ):
        yield _row(label, format(before.talent[name], form), format(after.talent[name], form))
    yield _row("kelompok rencana suksesi / pool", _pool(before.talent), _pool(after.talent))
    yield " peringkat pegawai, dari berapa / rank of the person, of how many"
    for scope, label in _SCOPES:
        yield _row(f"   {label}", _rank(before.ranks, scope), _rank(after.ranks, scope))
    region = after.standing
    yield f" peringkat merit wilayah / merit ranking: {region['type']} {region['name']} ({region['region_code']})"
    yield _row("   indeks / index", f"{before.standing['index']:.6f}", f"{region['index']:.6f}")
    yield _row("   peringkat / rank", _place(before.standing), _place(region))


def _row(label: str, before: Any, after: Any) -> str:
    moved = "" if before == after or not label else "  ◀"
    return f" {label:<{_LABEL}}{before!s:>{_COLUMN}}{after!s:>{_COLUMN}}{moved}"


def _pool(talent: dict[str, Any]) -> str:
    return "anggota / member" if talent["in_pool"] else "di luar / outside"


def _rank(ranks: dict[str, Any], scope: str) -> str:
    if not ranks["ranks"]:
        return "–"
    rank = ranks["ranks"][scope]
    return f"{rank['rank']:,} / {rank['size']:,}"


def _place(standing: dict[str, Any]) -> str:
    return "–" if standing["rank"] is None else str(standing["rank"])


def _timed(hops: Sequence[Hop]) -> Iterator[str]:
    yield " milidetik sejak skor dikirim / milliseconds since the score was sent"
    for hop in hops:
        shown = "belum terlihat / not seen" if hop.milliseconds is None else f"{hop.milliseconds:.1f}"
        yield f"   {hop.what:<{_LABEL + _COLUMN - 2}}{shown:>{_COLUMN}}"
