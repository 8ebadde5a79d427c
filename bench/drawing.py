"""Pictures as SVG: lines over a logarithmic or linear axis, readable on light and dark."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 760, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 44, 52
_COLOURS: Final = ("#2a78b8", "#d9772b", "#3c9a5f", "#a0509c", "#777777", "#b08c1e", "#c0504d")
_STEPS: Final = (1, 2, 5)
_OPENING: Final = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
    'font-family="system-ui, sans-serif" font-size="12" fill="#777">'
)


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, both above zero where `logarithmic`."""

    title: str
    low: float
    high: float
    logarithmic: bool = True

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high one; what lies beyond is drawn at the end."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            return log10(value / self.low) / log10(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """1, 2, 5, 10, … on a logarithmic axis, every tenth on a linear one."""
        if not self.logarithmic:
            return [self.low + (self.high - self.low) * tenth / 10 for tenth in range(11)]
        exponents = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        return [step * 10.0**e for e in exponents for step in _STEPS if self.low <= step * 10.0**e <= self.high]


def around(values: Sequence[float]) -> tuple[float, float]:
    """Bounds of a logarithmic axis that holds all of `values`, at 1, 2 or 5 of some decade."""
    smallest, largest = min(values), max(values)
    below = [step * 10.0 ** floor(log10(smallest)) for step in _STEPS]
    above = [step * 10.0 ** floor(log10(largest)) for step in (*_STEPS, 10)]
    return max(step for step in below if step <= smallest), min(step for step in above if step >= largest)


def shares_below(values: Sequence[float], most: int = 400) -> Points:
    """The distribution: which share (percent) of all values is at most so large, at `most` points or fewer."""
    ordered = sorted(values)
    step = max(1, len(ordered) // most)
    places = [*range(0, len(ordered) - 1, step), len(ordered) - 1]
    return [(ordered[place], (place + 1) / len(ordered) * 100) for place in places]


def lines(title: str, x: Axis, y: Axis, series: Mapping[str, Points], *, marked: float | None = None) -> str:
    """One line a series with a legend; `marked` is a value of x that must not be passed."""
    return "\n".join(
        [
            _OPENING,
            f"<title>{escape(title)}</title>",
            f'<text x="{_LEFT}" y="20" font-size="15" font-weight="600">{escape(title)}</text>',
            *_grid(x, y),
            *_series(x, y, series),
            *(_mark(x, marked) if marked is not None else ()),
            "</svg>\n",
        ],
    )


def _grid(x: Axis, y: Axis) -> Iterator[str]:
    for tick in x.ticks():
        at = _across(x, tick)
        yield f'<path d="M{at:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#8884"/>'
        yield f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tick:,g}</text>'
    for tick in y.ticks():
        at = _up(y, tick)
        yield f'<path d="M{_LEFT} {at:.1f}H{_WIDTH - _RIGHT}" stroke="#8884"/>'
        yield f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick:,g}</text>'
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text x="{middle:.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(x.title)}</text>'
    yield f'<text x="{_LEFT}" y="{_TOP - 8}">{escape(y.title)}</text>'


def _series(x: Axis, y: Axis, series: Mapping[str, Points]) -> Iterator[str]:
    for number, (name, points) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = "L".join(f"{_across(x, one):.1f} {_up(y, other):.1f}" for one, other in points)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        if len(points) == 1:
            # A line of one point is not seen.
            at, up = _across(x, points[0][0]), _up(y, points[0][1])
            yield f'<circle cx="{at:.1f}" cy="{up:.1f}" r="5" fill="{colour}"/>'
        at = _HEIGHT - _BOTTOM - 14 - 18 * (len(series) - 1 - number)
        yield f'<path d="M{_WIDTH - 250} {at - 4}h22" stroke="{colour}" stroke-width="3"/>'
        yield f'<text x="{_WIDTH - 222}" y="{at}">{escape(name)}</text>'


def _mark(x: Axis, value: float) -> Iterator[str]:
    at = _across(x, value)
    yield f'<path d="M{at:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#c33" stroke-dasharray="5 4"/>'


def _across(x: Axis, value: float) -> float:
    return _LEFT + x.place(value) * (_WIDTH - _LEFT - _RIGHT)


def _up(y: Axis, value: float) -> float:
    return _HEIGHT - _BOTTOM - y.place(value) * (_HEIGHT - _TOP - _BOTTOM)
