"""Logs: JSON a line, with what is known of the request, and no NIP wherever it hides."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import sqlalchemy.exc
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.logging import configure_logging, masked, render

NIP = "198703122010011001"
HIDDEN = "1987**************"
PLACES = st.recursive(
    st.sampled_from([NIP, int(NIP), f"pegawai {NIP}.", f"/v1/employees/{NIP}/x", ValueError(f"bad {NIP}")]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.tuples(inner),
        st.dictionaries(st.sampled_from([NIP, "key"]), inner, min_size=1, max_size=2),
    ),
    max_leaves=6,
)


@pytest.fixture(autouse=True)
def _configured() -> Iterator[None]:
    before = structlog.get_config()
    configure_logging(service="profile", role="api")
    yield
    structlog.contextvars.clear_contextvars()
    # What is logged in tests after these would go to an output that they have closed.
    structlog.configure(**before)


def last_line(output: str) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return line


@given(PLACES)
def test_nip_is_masked_wherever_it_stands(value: Any) -> None:
    line = render(None, "info", {"event": "x", "value": value})
    assert NIP not in line
    assert HIDDEN in line
    assert json.loads(line)["event"] == "x"


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(0, 10**12)), st.lists))
def test_values_without_a_nip_stay_as_they_are(value: Any) -> None:
    assert masked(value) == value
    assert json.loads(render(None, "info", {"value": value})) == {"value": value}


def test_line_says_who_wrote_it_and_for_which_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="profile", role="worker")
    structlog.contextvars.bind_contextvars(request_id="r-1", trace_id="t-1")
    structlog.get_logger().info("moved", count=2)
    line = last_line(capsys.readouterr().out)
    assert (line["event"], line["count"], line["level"]) == ("moved", 2, "info")
    assert (line["service"], line["role"]) == ("profile", "worker")
    assert (line["request_id"], line["trace_id"]) == ("r-1", "t-1")
    assert line["timestamp"].endswith("Z")


def test_libraries_write_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="profile", role="api")
    logging.getLogger("some.library").warning("no such employee %s", NIP)
    line = last_line(capsys.readouterr().out)
    assert line["event"] == f"no such employee {HIDDEN}"
    assert (line["logger"], line["level"], line["service"]) == ("some.library", "warning", "profile")


def fail_because_of(error: Exception) -> None:
    raise RuntimeError("while writing") from error


def test_error_of_the_database_names_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="profile", role="api")
    driver = asyncpg.exceptions.UniqueViolationError(f"Key (name)=(Siti {NIP}) already exists")
    driver.constraint_name = "uq_employee_nip"
    for error in (driver, sqlalchemy.exc.IntegrityError("INSERT", {"name": "Siti"}, driver)):
        try:
            fail_because_of(error)
        except RuntimeError:
            structlog.get_logger().exception("failed")
        output = capsys.readouterr().out
        assert "Siti" not in output
        assert NIP not in output
        exception = last_line(output)["exception"]
        assert "RuntimeError: while writing" in exception
        assert "sqlstate=23505 constraint_name=uq_employee_nip" in exception
        assert "fail_because_of" in exception


def test_own_message_is_kept_and_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="profile", role="api")
    try:
        int("x" * 4000)
    except ValueError:
        structlog.get_logger().exception("failed")
    exception = last_line(capsys.readouterr().out)["exception"]
    assert "ValueError: invalid literal for int()" in exception
    assert "x" * 501 not in exception


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(level=st.sampled_from(["WARNING", "error"]))
def test_level_is_kept_to(capsys: pytest.CaptureFixture[str], level: str) -> None:
    configure_logging(service="profile", role="api", level=level)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    assert capsys.readouterr().out == ""
