"""How long it takes to prove that nothing differs in the four services."""
