"""Does the broker answer? For /readyz, which asks when it is asked."""

from collections.abc import Awaitable, Callable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError


def broker_check(bootstrap_servers: str) -> Callable[[], Awaitable[str | None]]:
    """Why the broker counts as away, or None. What it is away for, is kept in the outbox."""

    async def check() -> str | None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
        try:
            await admin.start()
        except (KafkaError, OSError) as error:
            return f"away ({type(error).__name__}): changes are kept until it is back"
        finally:
            await admin.close()
        return None

    return check
