"""The local stack: a real PostgreSQL and a real Apache Kafka with nothing but pip, and the four services on them.

`python -m deploy.local --help` says what it can do, docs/decisions/0002-local-stack-from-wheels-and-jars.md why.
"""
