"""What a service told others last, by the headers of its topic."""

from uuid import UUID

from deploy.local.stack import Stack
from shared.kafka.heartbeat import heartbeat_key
from shared.kafka.topics import TALENTS
from tests.reporting.people import state_of
from tests.shared.rebuilding.scene import scene_of
from tests.shared.rebuilding.streams import raw


async def test_the_highest_version_counts_and_what_no_relay_wrote_does_not(stack: Stack) -> None:
    topic, key, value, headers = raw(TALENTS, state_of(1, 9))
    async with scene_of(stack, "placement") as scene:
        await scene.publish_raw(
            [
                *(raw(TALENTS, state_of(1, version)) for version in (2, 5, 3)),
                raw(TALENTS, state_of(2, 1)),
                *(
                    (topic, key, value, [*headers, ("ce_sequence", told)])
                    for told in (b"many", None, b"-9", b"9" * 19, b"9" * 5000)
                ),
                (topic, str(UUID(int=1)).replace("-", "").encode(), value, headers),
                (topic, b"\xff", value, headers),
                (topic, key, value, []),
                (topic, b"nobody", value, headers),
                (topic, heartbeat_key(0, TALENTS.partitions).encode(), value, headers),
            ]
        )
        async with scene.rebuilding() as rebuild:
            assert rebuild.publications
            for told in (5, 6):
                await rebuild.publications.catch_up()
                rows = await scene.outside.fetch("SELECT key, version FROM shadow.published ORDER BY key")
                assert [tuple(row) for row in rows] == [(UUID(int=1), told), (UUID(int=2), 1)]
                await scene.publish_raw([raw(TALENTS, state_of(1, 6)), raw(TALENTS, state_of(1, 4))])


async def test_a_heartbeat_on_its_way_is_no_publication(stack: Stack) -> None:
    async with scene_of(stack, "placement") as scene:
        for key, version in ((heartbeat_key(0, TALENTS.partitions), 1_764_000_000), (str(UUID(int=1)), 7)):
            await scene.outside.execute(
                "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes)"
                " VALUES ($1, $2, $3, 1, '', now(), '{}')",
                TALENTS.name,
                key,
                version,
            )
        async with scene.rebuilding() as rebuild:
            assert rebuild.publications
            await rebuild.publications.catch_up()
            rows = await scene.outside.fetch("SELECT key, version FROM shadow.published")
            assert [tuple(row) for row in rows] == [(UUID(int=1), 7)]
