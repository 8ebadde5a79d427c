"""All faults, in one list."""

from typing import Final

from tests.faults.faults import broker, clocks, database, processes, records
from tests.faults.faults.fault import Fault, Scene

__all__ = ["FAULTS", "Fault", "Scene"]


def _of(*things: str) -> frozenset[str]:
    return frozenset(things)


_WORKERS: Final = ("assessment", "placement", "reporting")

FAULTS: Final = (
    Fault("kill -9 of an API", processes.kill_apis, _of("api"), quick=True),
    Fault("kill -9 of a worker", processes.kill_workers, _of(*_WORKERS)),
    Fault(
        "kill -9 of the active relay, another stands by",
        processes.kill_relay,
        _of("assessment", "placement", "postgres"),
    ),
    Fault("worker stopped for 45 s", processes.hang_worker, _of(*_WORKERS)),
    Fault("worker stopped for 45 s, another beside it", processes.hang_worker_beside_another, _of(*_WORKERS)),
    Fault("folder stopped inside its transaction", processes.hang_folder, _of("reporting", "postgres")),
    Fault("rebalances with three members", processes.rebalance, _of(*_WORKERS)),
    Fault("PostgreSQL restarted", database.restart_postgres, _of("postgres")),
    Fault("PostgreSQL stopped for 45 s", database.hang_postgres, _of("postgres")),
    Fault("PostgreSQL connections cut", database.cut_connections, _of("postgres"), quick=True),
    Fault(
        "database of reporting restored to an older state",
        database.restore_reporting,
        _of("reporting", "api", "postgres"),
        reorders=True,
    ),
    Fault(
        "database of placement restored to an older state",
        database.restore_placement,
        _of("placement", "api", "postgres"),
        reorders=True,
    ),
    Fault(
        "database of assessment restored to an older state",
        database.restore_assessment,
        _of("assessment", "api", "postgres"),
        reorders=True,
    ),
    Fault(
        "database of profile restored to an older state",
        database.restore_profile,
        # Who came late must have been told before the database is dropped, so its relay and the broker work.
        _of("profile", *_WORKERS, "api", "postgres", "proxy"),
        reorders=True,
    ),
    Fault("consumers started with old offsets", database.set_offsets_back, _of(*_WORKERS, "postgres")),
    Fault("Kafka restarted", broker.restart_kafka, _of("kafka", "proxy")),
    Fault("Kafka away for 60 s", broker.kafka_away, _of("kafka", "proxy")),
    Fault("outbox at its bound", broker.fill_outbox, _of("api", "proxy")),
    Fault("partial acknowledgement of a batch", broker.cut_acknowledgements, _of("proxy"), quick=True),
    Fault("tail of the topics produced twice", records.duplicate_tail, _of("kafka"), reorders=True),
    Fault("tail of the topics produced in another order", records.shuffle_tail, _of("kafka"), reorders=True),
    Fault(
        "old states produced again behind newer ones", records.repeat_old, _of("kafka"), quick=True, reorders=True
    ),
    Fault("poison, one record in a hundred", records.poison, _of("kafka"), quick=True),
    Fault("clocks an hour ahead", clocks.hour_ahead, _of("api", *_WORKERS)),
    Fault("clocks an hour behind", clocks.hour_behind, _of("api", *_WORKERS)),
)
