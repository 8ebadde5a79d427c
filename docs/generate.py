"""Writes what is made from code, or says where a committed copy differs (`--check`).

`docs/api/<service>.openapi.json`, `docs/api/asyncapi.json`, `docs/access.md`, `deploy/k8s/base/topics.yaml`.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import FastAPI

from deploy.local.settings import PROJECT, SERVICES
from shared.auth.matrix import endpoints_of, permissions_of, render
from shared.events.asyncapi import document
from shared.http.openapi import dump
from shared.kafka.topics import ALL, Topic

_ACCESS_HEAD: Final = """# Who may call what

Made from the routes by `make docs`. A call needs a token whose `scope` claim holds the scope and whose `roles`
hold a role that grants it. The population says whose data the call may touch, and is a condition in SQL: `region`
stands for the token's `regions` (`33.*` is a province and all in it), `self` for its `employee_id`. A person
outside the population is answered like one who does not exist (404), a region outside it is refused (403). The
population `self` holds no region: a list shows employees their own record at most, and answers about a whole
region are refused to them. Whatever is not in this table is not served.

"""


def apps() -> dict[str, FastAPI]:
    """The four applications, as they would be served, without a connection to anything."""
    made = {}
    for name in SERVICES:
        module = importlib.import_module(f"services.{name}.main")
        settings = importlib.import_module(f"services.{name}.settings").Settings
        made[name] = module.create_app(settings(database_url=f"postgresql://{name}@127.0.0.1/{name}"))
    return made


def documents() -> Iterator[tuple[Path, str]]:
    """Every file that is made from code, with its text."""
    served = apps()
    for name, app in served.items():
        yield PROJECT / "docs" / "api" / f"{name}.openapi.json", dump(app.openapi())
    yield (
        PROJECT / "docs" / "api" / "asyncapi.json",
        json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=False) + "\n",
    )
    yield PROJECT / "docs" / "access.md", access(served)
    yield PROJECT / "deploy" / "k8s" / "base" / "topics.yaml", topics_for_kubernetes()


def access(served: dict[str, FastAPI]) -> str:
    """Who may call what: endpoint × scope × role × population, read off the routes."""
    endpoints = [endpoint for name, app in served.items() for endpoint in endpoints_of(name, app)]
    return _ACCESS_HEAD + render(permissions_of(endpoints))


def topics_for_kubernetes() -> str:
    """The typed list of topics as Strimzi resources, so that a cluster and a laptop have the same topics."""
    head = "# Made from shared/kafka/topics.py by `make docs`; change it there.\n"
    return head + yaml.safe_dump_all([_topic_resource(topic) for topic in ALL], sort_keys=False)


def _topic_resource(topic: Topic) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": topic.name, "labels": {"strimzi.io/cluster": "talenta"}},
        "spec": {"partitions": topic.partitions, "replicas": 3, "config": dict(topic.config(replication=3))},
    }


def main() -> int:
    """Write the files, or with `--check` compare them; 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a copy differs")
    check = parser.parse_args().check
    stale = []
    for path, text in documents():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for path in stale:
        said = "differs from the code; run `make docs`" if check else "written"
        sys.stdout.write(f"{path.relative_to(PROJECT)}: {said}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
