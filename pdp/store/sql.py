"""The store on any database that has transactions."""

from pdp.store.approvals import ApprovalTables
from pdp.store.configuration import ConfigurationTables
from pdp.store.database import Database
from pdp.store.keys import KeyTables
from pdp.store.probe import ProbeTable
from pdp.store.records import RecordTables
from pdp.store.sessions import SessionTables
from pdp.store.webhooks import WebhookTables


class SqlStore(ApprovalTables, ConfigurationTables, KeyTables, RecordTables, SessionTables, WebhookTables, ProbeTable):
    """`Store` on a database whose schema is up to date."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Ends all connections and lets another process open the database."""
        self._database.close()
