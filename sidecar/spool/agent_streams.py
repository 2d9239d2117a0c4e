"""Where the agents' own streams of records stand."""

import sqlite3


class AgentStreams:
    """Last stored sequence of each stream, changed in the transaction that stores the record: they cannot differ."""

    def __init__(self, connection: sqlite3.Connection, kept: int) -> None:
        """Args:
        connection: the spool's.
        kept: streams to remember; the one unused for longest is forgotten first.
        """
        self._connection = connection
        self._kept = kept
        (self._uses,) = connection.execute("SELECT coalesce(max(touched), 0) FROM agent_stream").fetchone()

    def sequence(self, stream_id: str) -> int:
        """Last sequence of the stream, 0 for one that is not known."""
        row = self._connection.execute("SELECT sequence FROM agent_stream WHERE stream_id = ?", (stream_id,)).fetchone()
        return row[0] if row else 0

    def advance(self, stream_id: str, sequence: int) -> None:
        """Notes that the stream is stored up to `sequence`; call within the record's transaction."""
        self._uses += 1
        self._connection.execute(
            "INSERT OR REPLACE INTO agent_stream (stream_id, sequence, touched) VALUES (?, ?, ?)",
            (stream_id, sequence, self._uses),
        )
        if sequence == 1:
            self._connection.execute(
                "DELETE FROM agent_stream WHERE touched <= "
                "(SELECT touched FROM agent_stream ORDER BY touched DESC LIMIT 1 OFFSET ?)",
                (self._kept,),
            )
