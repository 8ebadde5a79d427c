"""Apache Kafka: topics, client settings, the batch consumer and what stands beside it (offsets, dead letters)."""
