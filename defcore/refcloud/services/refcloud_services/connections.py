"""Connections to SQLite that stay open.

oslo.db opens a connection for every transaction. Each one reads the whole schema again, and the last one to close
folds the write-ahead log back into the file: about a third of what these services compute.
"""

from sqlalchemy import CreateEnginePlugin, event
from sqlalchemy.pool import QueuePool

KEPT = 16
"""Open connections of an engine; more threads than these open one for a transaction."""


class KeepConnections(CreateEnginePlugin):
    """Named in a database's address as `plugin=refcloud`."""

    def __init__(self, url, kwargs):
        super().__init__(url, kwargs)
        kwargs.update(poolclass=QueuePool, pool_size=KEPT, max_overflow=-1, pool_use_lifo=True)

    def update_url(self, url):
        return url.difference_update_query(["plugin"])

    def engine_created(self, engine):
        event.listen(engine, "checkin", _forget_transaction)


def _forget_transaction(_dbapi_connection, record):
    """oslo.db's mark would outlive a transaction that ended with its session."""
    record.info.pop("in_transaction", None)
