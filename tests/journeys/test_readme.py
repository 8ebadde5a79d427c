"""The README's own lines work as printed, in that order, against a running installation."""

import asyncio
import json
import os
import re
from pathlib import Path

from deploy.local.settings import PROJECT, SERVICES
from tests.journeys.installation import Installation

TOKENS = ". .local/run/talenta.env"


def _blocks() -> list[str]:
    """The shell blocks of the section "By hand", without the line that reads the tokens of `make run`."""
    section = (PROJECT / "README.md").read_text().split("## By hand")[1].split("\n## ")[0]
    blocks = [block.strip() for block in re.findall(r"```\n(.*?)```", section, re.DOTALL)]
    assert blocks[0] == TOKENS
    return blocks[1:]


def _environment(talenta: Installation, folder: Path) -> dict[str, str]:
    tokens = {
        "INTEGRATOR": talenta.headers("integrator")["Authorization"],
        "OPERATOR": talenta.headers("province_operator")["Authorization"],
    }
    return {
        **os.environ,
        **{service.upper(): talenta.urls[service] for service in SERVICES},
        **{name: value.removeprefix("Bearer ") for name, value in tokens.items()},
        "TMPDIR": str(folder),
    }


async def _shell(script: str, environment: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-eu",
        "-c",
        script,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_lines_by_hand_work_as_printed(talenta: Installation, tmp_path: Path) -> None:
    output = await _shell("\n".join(_blocks()), _environment(talenta, tmp_path))
    answers = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    registered, met, measured, scored, talent, explanation, pool, box_map, ranks, standing, board, problem = (
        answers
    )
    assert met["employee_id"] == registered["employee_id"]
    assert (measured["state"], scored["state"]) == ("matched", "matched")
    assert (talent["box"], talent["in_pool"], talent["predikat"]) == (9, True, "SANGAT_BAIK")
    assert explanation["talent_value"] == talent["talent_value"]
    assert registered["employee_id"] in {member["employee_id"] for member in pool["items"]}
    assert box_map["region"] == standing["region_code"] == "33.74"
    assert ranks["value"] == talent["talent_value"]
    assert board["revision"] >= 1
    assert problem["status"] == 422
    assert {error["pointer"] for error in problem["errors"]} == {"/nip", "/predikat", "/note"}
