"""What stands under deploy/ is valid and speaks of the same services, ports and versions as the code."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.settings import SERVICES

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy" / "k8s"


def _load(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def _pod(role: str) -> Any:
    """What a pod of this role consists of, whatever its service."""
    return _load(K8S / "service" / f"{role}.yaml")[0]["spec"]["template"]["spec"]


def test_every_kubernetes_file_is_used_and_every_named_file_exists() -> None:
    used = set()
    for kustomization in K8S.glob("*/kustomization.yaml"):
        for resource in _load(kustomization)[0]["resources"]:
            path = (kustomization.parent / resource).resolve()
            assert path.exists(), f"{kustomization} names {resource}"
            used.add(path)
    present = {path.resolve() for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml"}
    assert present <= used


@pytest.mark.parametrize("service", SERVICES)
def test_kubernetes_settings_are_settings_of_the_service(service: str) -> None:
    settings = importlib.import_module(f"services.{service}.settings").Settings
    generated = _load(K8S / service / "kustomization.yaml")[0]["configMapGenerator"][0]["literals"]
    fields = {
        name.removeprefix(f"{service.upper()}_").lower() for name, _, _ in (x.partition("=") for x in generated)
    }
    assert fields <= set(settings.model_fields)


def test_topics_of_a_cluster_are_the_same_whoever_makes_them() -> None:
    replicas = {topic["spec"]["replicas"] for topic in _load(K8S / "base" / "topics.yaml")}
    asked = _load(K8S / "base" / "settings.yaml")[0]["data"]["KAFKA_REPLICATION"]
    assert replicas == {int(asked)} == {3}


def test_commands_for_operations_find_in_a_cluster_what_a_worker_finds() -> None:
    assert _load(K8S / "service" / "operations.yaml")[0]["spec"]["replicas"] == 0
    [of_worker], [of_desk] = (_pod(role)["containers"] for role in ("worker", "operations"))
    for name in ("image", "envFrom", "securityContext"):
        assert of_desk[name] == of_worker[name]


def test_worker_pods_migrate_by_their_own_release_before_they_work() -> None:
    worker = _pod("worker")
    [migrating], [working] = worker["initContainers"], worker["containers"]
    assert migrating["args"] == ["migrate"]
    for name in ("image", "envFrom", "securityContext"):
        assert migrating[name] == working[name]


def test_api_pods_start_without_what_a_migration_needs() -> None:
    assert "initContainers" not in _pod("api")


def test_nothing_in_a_cluster_is_done_once_and_for_all() -> None:
    """A Job cannot be changed: with the next release `kubectl apply` would be refused."""
    kinds = {document["kind"] for path in K8S.rglob("*.yaml") for document in _load(path)}
    assert "Job" not in kinds


@pytest.mark.parametrize("service", SERVICES)
def test_every_container_in_a_cluster_gets_the_database_of_its_service(service: str) -> None:
    patches = _load(K8S / service / "kustomization.yaml")[0]["patches"]
    for role in ("api", "worker", "operations"):
        chosen = [each["patch"] for each in patches if each["target"].get("name", role) == role]
        patched = {each["path"]: each["value"] for patch in chosen for each in yaml.safe_load(patch)}
        pod = _pod(role)
        assert patched == {
            f"/spec/template/spec/{kind}/{number}/envFrom/{place}/secretRef/name": f"{service}-database"
            for kind in ("initContainers", "containers")
            for number, container in enumerate(pod.get(kind, []))
            for place, source in enumerate(container["envFrom"])
            if "secretRef" in source
        }


def test_replicas_sign_cursors_with_one_secret() -> None:
    [api] = _pod("api")["containers"]
    assert api["env"] == [
        {
            "name": "HTTP_CURSOR_KEY",
            "valueFrom": {"secretKeyRef": {"name": "talenta", "key": "HTTP_CURSOR_KEY"}},
        }
    ]
    for service in SERVICES:
        compose = _load(ROOT / "docker-compose.yml")[0]["services"][f"{service}-api"]
        assert compose["environment"]["HTTP_CURSOR_KEY"].startswith("${TALENTA_CURSOR_KEY:?")


@pytest.mark.parametrize("service", SERVICES)
def test_compose_runs_both_roles_of_every_service_after_its_migration(service: str) -> None:
    compose = _load(ROOT / "docker-compose.yml")[0]["services"]
    assert compose[f"{service}-migrate"]["command"] == ["migrate"]
    for role in ("api", "worker"):
        part = compose[f"{service}-{role}"]
        assert part["command"] == [role]
        assert f"{service}-migrate" in part["depends_on"]
        assert part["build"]["args"] == {"SERVICE": service}
        assert f"{service.upper()}_DATABASE_URL" in part["environment"]


@pytest.mark.parametrize("service", SERVICES)
def test_both_name_every_upstream_that_verify_asks(service: str) -> None:
    settings = importlib.import_module(f"services.{service}.settings").Settings
    asked = {
        f"{service}_{name}".upper() for name in settings.model_fields if name.removesuffix("_url") in SERVICES
    }
    compose = _load(ROOT / "docker-compose.yml")[0]["services"]
    generated = _load(K8S / service / "kustomization.yaml")[0]["configMapGenerator"][0]["literals"]
    assert asked <= compose[f"{service}-worker"]["environment"].keys()
    assert asked <= {literal.partition("=")[0] for literal in generated}
    for name in asked:
        address = compose[f"{service}-worker"]["environment"][name]
        upstream, _, port = address.removeprefix("http://").partition(":")
        assert compose[upstream]["ports"] == [f"127.0.0.1:{port}:{port}"]


@pytest.mark.parametrize("service", SERVICES)
def test_compose_publishes_the_port_that_the_service_listens_on(service: str) -> None:
    compose = _load(ROOT / "docker-compose.yml")[0]["services"]
    settings = importlib.import_module(f"services.{service}.settings").Settings
    port = settings.model_fields["port"].default
    assert compose[f"{service}-api"]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_compose_keeps_what_kafka_writes() -> None:
    compose = _load(ROOT / "docker-compose.yml")[0]
    [mounted] = compose["services"]["kafka"]["volumes"]
    volume, _, folder = mounted.partition(":")
    assert volume in compose["volumes"]
    assert compose["services"]["kafka"]["environment"]["KAFKA_LOG_DIRS"] == folder


def test_compose_runs_the_kafka_that_the_local_stack_runs() -> None:
    version = next(
        line.split()[1]
        for line in (ROOT / "deploy" / "local" / "kafka.lock").read_text().splitlines()
        if line.startswith("version")
    )
    image = _load(ROOT / "docker-compose.yml")[0]["services"]["kafka"]["image"]
    assert image == f"apache/kafka:{version}"


@pytest.mark.parametrize("service", SERVICES)
def test_image_finds_its_lock_file(service: str) -> None:
    lock = (ROOT / "requirements" / f"{service}.txt").read_text()
    assert "fastapi==" in lock
    assert "--hash=sha256:" in lock
