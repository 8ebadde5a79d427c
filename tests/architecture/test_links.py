"""What the documents point to is there: files, headings, and the paths that they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_PATH = re.compile(r"`((?:services|shared|bench|deploy|tests|docs)/[\w/.-]+)`")


def _anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _dangling_in(document: Path) -> Iterator[str]:
    text = document.read_text(encoding="utf-8")
    yield from (link for link in _LINK.findall(text) if not link.startswith("http") and not _leads(document, link))
    yield from (path for path in _PATH.findall(text) if not _is_named(path))


def _leads(document: Path, link: str) -> bool:
    place, _, anchor = link.partition("#")
    target = document.parent / place if place else document
    if not anchor:
        return target.exists()
    return target.exists() and anchor in map(_anchor_of, _HEADING.findall(target.read_text(encoding="utf-8")))


def _is_named(path: str) -> bool:
    """A record of a decision may be named by its number alone."""
    return (ROOT / path).exists() or bool(list((ROOT / path).parent.glob(f"{(ROOT / path).name}-*.md")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_everything_a_document_points_to_is_there(document: Path) -> None:
    assert list(_dangling_in(document)) == []
