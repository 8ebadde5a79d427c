"""`verify`: the fingerprints follow from the employees; digests of the employees for the services downstream."""
