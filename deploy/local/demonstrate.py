"""Hands the running stack to the demonstration (deploy/demo), and tells a person how to go on by hand."""

from pathlib import Path

import httpx

from deploy.demo import Installation, PerService, run_demonstration
from deploy.local.files import write_whole
from deploy.local.issuer import WHOLE_PROVINCE, Issuer
from deploy.local.progress import say, show
from deploy.local.services import Services
from deploy.local.settings import SERVICES
from deploy.local.stack import Stack


async def demonstrate(stack: Stack, issuer: Issuer, services: Services, *, employees: int, verify: bool) -> int:
    """Load, post one score, print what moved; the number of differences that `verify` found (0 without it)."""
    installation = Installation(
        addresses=PerService(**services.urls),
        databases=PerService(**{service: stack.service_database_url(service) for service in SERVICES}),
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_namespace=stack.kafka_namespace,
        integrator_token=lambda: issuer.mint("integrator", regions=WHOLE_PROVINCE),
        folder=stack.settings.folder,
    )
    demonstration = run_demonstration(installation, employees=employees, verify=verify, say=say, show=show)
    return await services.while_alive(demonstration)


async def invite(stack: Stack, issuer: Issuer, services: Services) -> None:
    """Print the addresses and tokens, and leave them in files for the shell."""
    variables = {service.upper(): url for service, url in services.urls.items()}
    variables["INTEGRATOR"] = issuer.mint("integrator", regions=WHOLE_PROVINCE)
    variables["OPERATOR"] = issuer.mint("province_operator", regions=WHOLE_PROVINCE)
    if employee_id := await _any_employee(services.urls["profile"], variables["OPERATOR"]):
        variables["EMPLOYEE_ID"] = employee_id
        variables["EMPLOYEE"] = issuer.mint("employee", employee_id=employee_id)
    path = write_variables(stack.settings.folder / "talenta.env", variables)
    operations = {**services.variables, "TALENTA_TOKEN": variables["OPERATOR"]}
    commands = write_variables(stack.settings.folder / "operations.env", operations)
    for service, url in services.urls.items():
        say(f"{service:<10} {url}/docs   {url}/metrics")
    for role in ("INTEGRATOR", "OPERATOR", "EMPLOYEE"):
        if role in variables:
            say(f"token of {role.lower()}: {variables[role]}")
    say(f"di terminal lain, untuk curl di README / in another terminal, for the README's curl lines: . {path}")
    say(f"untuk perintah operasi / for the commands of docs/operations.md: . {commands}")
    say("Ctrl-C menghentikan semuanya / stops everything")


def write_variables(path: Path, variables: dict[str, str]) -> Path:
    """A file to be read into a shell; it holds tokens, so it is for its owner alone."""
    write_whole(path, "".join(f"export {name}='{value}'\n" for name, value in variables.items()), mode=0o600)
    return path


async def _any_employee(profile_url: str, token: str) -> str | None:
    """Somebody whose own token can be shown; None while nobody has been loaded."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        answer = await client.get(f"{profile_url}/v1/employees", params={"region": "33.74", "limit": 1})
        people = answer.raise_for_status().json()["items"]
    return people[0]["employee_id"] if people else None
