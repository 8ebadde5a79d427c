"""The nine-box rule, and the counts of its boxes in a region."""
