"""`verify`: the fingerprints follow from the employees; digests of the employees for those who follow them."""
