"""PostgreSQL: connections, statements, pipelines, schema."""
