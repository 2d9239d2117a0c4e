"""Brings a database's schema up to date, at every start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection

from pdp.store.errors import Unsupported


def upgrade(connection: Connection) -> None:
    """Runs the missing steps, all or none: SQLite's schema changes are transactional.

    Raises:
        Unsupported: the schema is newer than this release.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except (CommandError, ResolutionError) as error:
        raise Unsupported(f"the database was written by a newer release: {error}") from error


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file: it works from a wheel and has no second place for the URL."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
