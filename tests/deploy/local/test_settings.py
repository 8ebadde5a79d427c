from pathlib import Path

from deploy.local.settings import Settings


def test_nothing_given_means_own_servers_with_plain_names(tmp_path: Path) -> None:
    settings = Settings.from_environment("run", local=tmp_path, environment={"DATABASE_URL": ""})
    assert settings.database_url is None
    assert settings.kafka_bootstrap_servers is None
    assert settings.database("profile") == "profile"
    assert settings.kafka_namespace == ""
    assert settings.folder == tmp_path / "run"


def test_given_servers_are_shared_under_names_of_the_stack(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://u:p@db:5432/postgres", "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}
    settings = Settings.from_environment("demo", local=tmp_path, environment=given)
    assert settings.database_url == given["DATABASE_URL"]
    assert settings.kafka_bootstrap_servers == given["KAFKA_BOOTSTRAP_SERVERS"]
    assert settings.database("profile") == "talenta_demo_profile"
    assert settings.kafka_namespace == "demo."
