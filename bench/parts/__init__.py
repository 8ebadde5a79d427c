"""What the least parts of one score cost, each bare: the most that a machine could do with them."""
