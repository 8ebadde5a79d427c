"""Units (unit organisasi) of the governments, as the sources name them."""
