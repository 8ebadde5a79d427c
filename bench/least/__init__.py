"""The least chain: the way of a score through the design, every hop bare, to see how fresh it could be at best."""
