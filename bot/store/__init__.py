"""SQLAlchemy models, queries and Alembic migrations; the only place that holds SQL."""
