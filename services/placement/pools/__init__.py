"""Talent pools: the Kelompok Rencana Suksesi of a region."""
