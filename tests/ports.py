"""Ports that are free now, on the loopback interface."""

import socket

from deploy.local.ports import LOOPBACK


def free_ports(count: int) -> list[int]:
    """`count` different ones: all are held at once before any is given back."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
