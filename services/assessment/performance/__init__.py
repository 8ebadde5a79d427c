"""Performance scores: the predikat of a period, by the table of PermenPANRB 6/2022."""
