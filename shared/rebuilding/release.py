"""Which release makes a shadow: what another one understood or concluded from the topics is not gone on with."""

import inspect
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import shared
from shared.settings import ServiceSettings


def release_of(settings: ServiceSettings) -> str:
    """A digest of all code and data of the service, and of what it stands on.

    More than rules and contracts, so that none can be forgotten: at worst a replay begins anew.
    """
    return digest_of(Path(inspect.getfile(type(settings))).parent, Path(shared.__path__[0]))


def digest_of(*folders: Path) -> str:
    """The same wherever the folders stand and whenever their files were written."""
    digest = sha256()
    for folder in folders:
        for file in sorted(_files(folder)):
            for part in (str(file.relative_to(folder)).encode(), file.read_bytes()):
                digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
