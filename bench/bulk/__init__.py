"""From a file of scores to a board that holds every one of them."""
