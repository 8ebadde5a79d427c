"""The vocabulary of the civil service as value types. Spelled as the law spells it; no rules."""
