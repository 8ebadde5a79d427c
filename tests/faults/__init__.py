"""The fault suite: whatever breaks, no acknowledged write is lost and none counts twice.

A load of scores, moves and assessments goes over HTTP to the four services as processes, and every acknowledged
write is logged. Faults are inflicted meanwhile, alone or together. When everything has come to rest, what the
databases, the topics and HTTP say must equal a recomputation from the log by the services' own pure rules.

    servers, proxy, system    what is broken: PostgreSQL and Kafka of its own, the services as processes
    writes, log, client, load what is written, and what was acknowledged of it
    faults/                   what is done to them: one list, a small function each
    expecting, checking       what must follow from the log, beside what is there
    topics, settling          the end of each topic; when everything has come to rest
    trial, combining, table   one run, the random ones, and what `python -m tests.faults` writes down
    broken                    builds that are wrong on purpose: the suite must see it
"""
