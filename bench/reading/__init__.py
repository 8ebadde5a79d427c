"""What is read most: the ranks of one person, and the board."""
