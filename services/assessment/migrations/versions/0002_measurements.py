"""NIP register and copy of the employees, scores, talent assessments, unmatched measurements, results."""

from alembic import op

revision = "0002"
down_revision = "0001"

_NIP_SUBJECT = """
    CREATE TABLE source.nip_subject (
        nip text NOT NULL CONSTRAINT pk_nip_subject PRIMARY KEY,
        employee_id uuid
    )
"""
_EMPLOYEE = """
    CREATE TABLE derived.employee (
        employee_id uuid NOT NULL CONSTRAINT pk_employee PRIMARY KEY,
        nip text NOT NULL,
        region text NOT NULL,
        unit_id text NOT NULL,
        version bigint NOT NULL
    )
"""
_PERFORMANCE_SCORE = """
    CREATE TABLE source.performance_score (
        score_id uuid NOT NULL CONSTRAINT pk_performance_score PRIMARY KEY,
        employee_id uuid NOT NULL,
        nip text NOT NULL,
        period_kind text NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        hasil text,
        perilaku text,
        predikat text NOT NULL,
        document text,
        score_version integer NOT NULL,
        submitted_by text NOT NULL,
        accepted_at timestamptz NOT NULL,
        CONSTRAINT uq_performance_score_version UNIQUE (employee_id, period_kind, starts_on, score_version)
    )
"""
_TALENT_ASSESSMENT = """
    CREATE TABLE source.talent_assessment (
        assessment_id uuid NOT NULL CONSTRAINT pk_talent_assessment PRIMARY KEY,
        employee_id uuid NOT NULL,
        nip text NOT NULL,
        assessed_on date NOT NULL,
        valid_until date NOT NULL,
        jpm numeric,
        potential numeric,
        document text,
        assessment_version integer NOT NULL,
        submitted_by text NOT NULL,
        accepted_at timestamptz NOT NULL,
        CONSTRAINT uq_talent_assessment_version UNIQUE (employee_id, assessed_on, assessment_version)
    )
"""
_UNMATCHED = """
    CREATE TABLE source.unmatched (
        position bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) CONSTRAINT pk_unmatched PRIMARY KEY,
        measurement_id uuid NOT NULL,
        nip text NOT NULL CONSTRAINT fk_unmatched_nip_nip_subject REFERENCES source.nip_subject,
        kind text NOT NULL,
        measured text NOT NULL,
        content jsonb NOT NULL,
        submitted_by text NOT NULL,
        regions text[] NOT NULL,
        units text[] NOT NULL,
        caller_employee_id uuid,
        accepted_at timestamptz NOT NULL,
        state text NOT NULL,
        expires_at timestamptz NOT NULL
    )
"""
_RESULT = """
    CREATE TABLE derived.result (
        employee_id uuid NOT NULL CONSTRAINT pk_result PRIMARY KEY,
        version bigint NOT NULL,
        body jsonb NOT NULL,
        changed_at timestamptz NOT NULL
    ) WITH (fillfactor = 80)
"""


def upgrade() -> None:
    """Create the tables, and the indexes that are not keys."""
    op.execute(_NIP_SUBJECT)
    op.execute(_EMPLOYEE)
    op.execute("CREATE INDEX ix_employee_nip ON derived.employee (nip)")
    op.execute(_PERFORMANCE_SCORE)
    op.execute(_TALENT_ASSESSMENT)
    op.execute(_UNMATCHED)
    op.execute("CREATE INDEX ix_unmatched_nip ON source.unmatched (nip)")
    op.execute("CREATE INDEX ix_unmatched_expires_at ON source.unmatched (expires_at)")
    op.execute(_RESULT)
