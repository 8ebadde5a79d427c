"""Results: all that counts of one employee now, published as `assessment.results`, and the history behind it."""
