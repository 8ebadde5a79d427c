"""The table says of every region just what was published of it last."""

from typing import Any

from services.reporting.boards.events import PUBLISHED
from services.reporting.boards.service import publish_standings
from shared.db.session import Database
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import state_of
from tests.shared.states.rebuilt import published_last, rebuilt


async def test_standings_are_rebuilt_as_they_were_published(
    project: Project,
    fold_all: FoldAll,
    database: Database,
    connection: Any,
) -> None:
    await project([state_of(1), state_of(2, region="33.01", talent_value=None, box=None)])
    await fold_all()
    assert await rebuilt(database, PUBLISHED) == {}
    async with database.transaction() as session:
        await publish_standings(session)
    published = await published_last(connection, PUBLISHED)
    assert published.keys() == {"33.74", "33.01"}
    assert await rebuilt(database, PUBLISHED) == published
    # What has moved since stands nowhere as it was published; it goes out within a second.
    await project([state_of(3, region="33.01")])
    await fold_all()
    assert (await rebuilt(database, PUBLISHED)).keys() == published.keys() - {"33.01"}
