"""`verify`: copies, tallies, histograms and the board follow from the standings of the people."""
