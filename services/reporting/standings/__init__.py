"""Where every person stands, as `placement.talents` says: the latest state, and a mark that it is to be folded."""
