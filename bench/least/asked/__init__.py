"""The least chain with what the design asks of a score besides, each part again in the barest form that we know.

A token that is verified once and remembered, a body that is validated, a request that is done once, its line in
the log and its metrics; all columns of score, result, talent and standing, and the indexes that lists, pools and
ranks are read by; states that are decoded and encoded, in an envelope; the rule; the folder's own transaction, in
which ranks move in six scopes. Still left out is what costs nothing while all goes well: locks, groups,
heartbeats, dead letters, retries, problems; and the frameworks.
"""
