"""Talent policies, their terms, and the two that come with the code."""

import sqlalchemy as sa
from alembic import op

from services.placement.policies.rules import fingerprint, shipped_document

revision = "0002"
down_revision = "0001"

_POLICY = """
    CREATE TABLE source.talent_policy (
        policy_id text NOT NULL CONSTRAINT pk_talent_policy PRIMARY KEY,
        content jsonb NOT NULL,
        sha256 text NOT NULL
    )
"""
_TERM = """
    CREATE TABLE source.policy_in_force (
        region text NOT NULL,
        effective_from date NOT NULL,
        policy_id text NOT NULL
            CONSTRAINT fk_policy_in_force_policy_id_talent_policy REFERENCES source.talent_policy,
        CONSTRAINT pk_policy_in_force PRIMARY KEY (region, effective_from)
    )
"""
# A result names the policy it was computed with and can be recomputed for ever: a policy never changes.
_IMMUTABLE = """
    CREATE FUNCTION source.refuse_change_of_talent_policy() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'talent policy % is immutable: publish a new version', OLD.policy_id;
    END $$
"""
_GUARD = """
    CREATE TRIGGER talent_policy_is_immutable BEFORE UPDATE OR DELETE ON source.talent_policy
        FOR EACH ROW EXECUTE FUNCTION source.refuse_change_of_talent_policy()
"""
# The box map is that of PermenPANRB 3/2020, so the default holds from that year on.
_DEFAULT = """
    INSERT INTO source.policy_in_force (region, effective_from, policy_id)
    VALUES ('*', '2020-01-01', 'talenta-default-1')
"""


def upgrade() -> None:
    """Create both tables and fill them with what is shipped."""
    for statement in (_POLICY, _TERM, _IMMUTABLE, _GUARD):
        op.execute(statement)
    insert = sa.text("INSERT INTO source.talent_policy VALUES (:id, CAST(:content AS jsonb), :sha256)")
    for policy_id in ("talenta-default-1", "djbk-2026"):
        content = shipped_document(policy_id)
        op.execute(insert.bindparams(id=policy_id, content=content, sha256=fingerprint(content)))
    op.execute(_DEFAULT)
