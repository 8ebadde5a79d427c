"""Who may stand in a talent pool: gates and their vetoes."""
