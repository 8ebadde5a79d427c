"""Sums and histograms, folded from the standings by one writer: exact whatever the consumers do."""
