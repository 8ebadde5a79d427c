"""Talent policies: weights, cut-offs and gates as versioned, effective-dated data."""
