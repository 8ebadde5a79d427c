"""How fast a read model is replayed and compared, beside bare consuming of its topic."""
