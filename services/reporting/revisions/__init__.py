"""The revision of the folded tables, looked up once for all who ask meanwhile, and answers rendered for it."""
