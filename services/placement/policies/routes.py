"""Policies over HTTP. Criteria are open to everybody (asas terbuka, PermenPANRB 3/2020)."""

from typing import Annotated

from fastapi import APIRouter, Path

from services.placement.policies import queries
from services.placement.policies.errors import PolicyNotFound
from services.placement.policies.rules import POLICY_ID
from services.placement.policies.schemas import PolicyAnswer, PolicyList, PolicySummary, TermAnswer
from services.placement.policies.tables import PolicyInForce
from shared.auth.access import PUBLIC
from shared.http.etag import Conditional
from shared.http.session import Reading

router = APIRouter(tags=["policies"])
PolicyId = Annotated[str, Path(pattern=POLICY_ID, max_length=60, examples=["talenta-default-1"])]


@router.get("/v1/policies", dependencies=[PUBLIC])
async def list_policies(fresh: Conditional, session: Reading) -> PolicyList:
    """All talent policies, and where and since when each is in force."""
    terms = await queries.list_terms(session)
    policies = await queries.list_policies(session)
    fresh.check("policies", *(sha256 for _, sha256 in policies), *map(repr, terms))
    return PolicyList(
        items=[
            PolicySummary(
                policy_id=policy.policy_id,
                title=policy.title,
                sha256=sha256,
                in_force=_terms_of(policy.policy_id, terms),
            )
            for policy, sha256 in policies
        ],
    )


@router.get("/v1/policies/{policy_id}", dependencies=[PUBLIC])
async def get_policy(policy_id: PolicyId, fresh: Conditional, session: Reading) -> PolicyAnswer:
    """One talent policy with all its weights, scores, cut-offs and gates."""
    found = await queries.find_policy(session, policy_id)
    if found is None:
        raise PolicyNotFound
    policy, sha256 = found
    terms = await queries.list_terms(session)
    fresh.check("policy", sha256, *map(repr, terms))
    return PolicyAnswer(
        policy_id=policy_id,
        title=policy.title,
        sha256=sha256,
        in_force=_terms_of(policy_id, terms),
        content=policy,
    )


def _terms_of(policy_id: str, terms: list[PolicyInForce]) -> list[TermAnswer]:
    return [
        TermAnswer(region=term.region, effective_from=term.effective_from)
        for term in terms
        if term.policy_id == policy_id
    ]
