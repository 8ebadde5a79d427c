import socket
from pathlib import Path

from deploy.local.ports import LOOPBACK, choose_ports, is_free


def _taken_port() -> socket.socket:
    server = socket.socket()
    server.bind((LOOPBACK, 0))
    server.listen(1)
    return server


def test_the_usual_port_is_taken_where_it_is_free(tmp_path: Path) -> None:
    with _taken_port() as server:
        free_again = server.getsockname()[1]
    assert choose_ports(tmp_path / "ports.json", {"kafka": free_again}) == {"kafka": free_again}


def test_another_port_where_the_usual_is_in_use_and_the_same_again_at_the_next_start(tmp_path: Path) -> None:
    remembered_in = tmp_path / "ports.json"
    with _taken_port() as server:
        usual = {"kafka": server.getsockname()[1]}
        first = choose_ports(remembered_in, usual)
        assert first != usual
        assert is_free(first["kafka"])
    # The usual one is free by now, but clients know the other.
    assert choose_ports(remembered_in, usual) == first


def test_a_remembered_port_that_is_in_use_gives_way(tmp_path: Path) -> None:
    remembered_in = tmp_path / "ports.json"
    with _taken_port() as server:
        port = server.getsockname()[1]
        remembered_in.write_text(f'{{"kafka": {port}}}')
        assert choose_ports(remembered_in, {"kafka": port})["kafka"] != port


def test_no_port_is_given_twice(tmp_path: Path) -> None:
    with _taken_port() as server:
        free = server.getsockname()[1]
    ports = choose_ports(tmp_path / "ports.json", {"one": free, "other": free})
    assert len(set(ports.values())) == 2


def test_a_damaged_memory_is_no_obstacle(tmp_path: Path) -> None:
    remembered_in = tmp_path / "ports.json"
    remembered_in.write_text('{"kafka": ')
    assert choose_ports(remembered_in).keys() >= {"kafka", "postgres", "profile", "reporting-worker"}
