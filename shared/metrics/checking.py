"""Metrics of the checker: does the end of the own topic say what the tables say?"""

from typing import Final

from prometheus_client import Counter, Gauge

from shared.metrics import PREFIX

CHECKED: Final = Counter(
    "topic_check_records_total",
    "Records of the own topic that were compared with the tables.",
    namespace=PREFIX,
)
REPUBLISHED: Final = Counter(
    "topic_check_republished_total",
    "States published again because an older one stood behind them in the topic. "
    "Growing: a relay that had been stopped woke up, or somebody else writes to the topic.",
    namespace=PREFIX,
)
AHEAD: Final = Counter(
    "topic_check_ahead_total",
    "Records at a version that the tables do not have. Growing: the database came back older than its topic, "
    "so run `after-restore`.",
    namespace=PREFIX,
)
BEHIND_SECONDS: Final = Gauge(
    "topic_check_behind_seconds",
    "Seconds for which what came into the own topic has not been checked. Above half of the topic's "
    "`min.compaction.lag.ms` (12 h): compaction may soon remove what the checker would have put right.",
    namespace=PREFIX,
)
