"""PostgreSQL: engine, one transaction a request or batch, bulk writes through arrays, migrations."""
