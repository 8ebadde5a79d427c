"""The totals of the blocks of a histogram, in one row."""

from alembic import op

revision = "0005"
down_revision = "0004"

_ADD_UP = """
    INSERT INTO derived.value_histogram AS known (scope, block, total, counts)
    SELECT 'blocks/' || scope, 0, sum(total),
        derived.added_at(array_fill(0, ARRAY[101]), array_agg(block + 1), array_agg(total))
    FROM derived.value_histogram WHERE scope NOT LIKE 'blocks/%' AND scope NOT LIKE 'region/%/%' GROUP BY scope
    ON CONFLICT (scope, block) DO UPDATE SET total = EXCLUDED.total, counts = EXCLUDED.counts
        WHERE known.counts <> EXCLUDED.counts
"""
_ADD_UP_BLOCKS = f"""
    CREATE FUNCTION derived.add_up_blocks() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {_ADD_UP}; RETURN NULL; END
    $$
"""
# The release before goes on folding without these rows while it gives way; each of its folds that moves somebody
# counts the revision. Creating the trigger waits for a fold at work. The next migration may drop both.
_FOR_THE_RELEASE_BEFORE = """
    CREATE TRIGGER add_up_blocks AFTER UPDATE ON derived.revision FOR EACH STATEMENT
        WHEN (current_setting('talenta.adds_up_blocks', true) IS DISTINCT FROM 'on')
        EXECUTE FUNCTION derived.add_up_blocks()
"""


def upgrade() -> None:
    """Create what adds up behind the release before, then add up what is there."""
    for statement in (_ADD_UP_BLOCKS, _FOR_THE_RELEASE_BEFORE, _ADD_UP):
        op.execute(statement)
