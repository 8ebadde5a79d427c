"""From one accepted score to the box and the regional rank that everybody can read."""
