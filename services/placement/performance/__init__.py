"""The Y axis: the predikat of the appraisal periods that count."""
