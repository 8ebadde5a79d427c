"""What ends a demonstration before its end, in words for people."""


class DemonstrationError(Exception):
    """A row was refused, a service is lost, or the data are of another population; the message says which."""
