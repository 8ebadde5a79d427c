"""`verify`: every talent is what its inputs, its policy and its day make of it."""
