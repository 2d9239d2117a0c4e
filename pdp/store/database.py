"""What the tables' rooms need of a database: transactions."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Database(Protocol):
    """Runs functions inside transactions. Both methods raise `Unavailable` where the database cannot serve now."""

    def read(self, query: Callable[[Connection], T]) -> T:
        """Runs `query` on one consistent snapshot, and lets go of it."""

    def write(self, change: Callable[[Connection], T]) -> T:
        """Runs `change` as the only writer and commits durably, or changes nothing.

        `change` may run more than once, so it must have no effect outside its connection.
        """

    def now_us(self) -> int:
        """Microseconds since 1970-01-01 UTC on the database's own clock, which no wall clock of another machine moves.

        Never less than before.
        """

    def close(self) -> None:
        """Ends all connections and lets another process open the database."""
