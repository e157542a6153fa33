"""Schema migrations: Alembic, run as a step of its own before a service starts."""

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, pool, text
from sqlalchemy.engine import make_url


def migrate(database_url: str, folder: Path, revision: str = "head") -> None:
    """Bring the database to the newest revision; several processes may ask at once."""
    engine = create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(folder))
    with engine.connect() as connection:
        # One migrates, the others wait and find the work done.
        connection.execute(text("SELECT pg_advisory_lock(7236512)"))
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def run_env(metadata: MetaData) -> None:
    """Be a service's `env.py`."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
