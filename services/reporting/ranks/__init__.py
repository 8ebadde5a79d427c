"""The rank of one person among his region, unit, level, province and nation, at the same cost for any number."""
