"""The chain with all that is asked of it, its three APIs in FastAPI, which the design has them be built on.

As FastAPI's documentation has it, and as little as that: typed parameters, a dependency that knows who asks, an
answer that is ready to be sent. Workers, statements, tables and what is told of a request are those of `asked`.
"""
