"""Contracts of the events: one module a publishing service, and the envelope around them.

An event is the full current state of one aggregate, keyed by its id, with a version that only grows.
A field may be added; none may go, change its type or become required. Unknown fields are ignored.
"""
