"""`verify`: results follow from the measurements in force, NIPs lead to who bears them, nobody waits in vain."""
