"""The merit ranking of the regions: policy, index, rank; the public board, and what is published of it."""
