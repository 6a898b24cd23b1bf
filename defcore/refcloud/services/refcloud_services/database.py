"""SQLite for services that read, decide and write from many threads.

oslo.db starts every SQLite transaction with a plain BEGIN. Its snapshot is then taken by the first SELECT,
and a later write fails at once with 'database is locked', whatever the busy timeout, if any other connection
has committed in between. BEGIN IMMEDIATE says from the start that the transaction will write, and waits its
turn. enginefacade knows which transactions those are: it opens every session as a reader or as a writer.
"""

import os
import pathlib
import time

WRITER = {"refcloud_begin": "IMMEDIATE"}


def _begin(connection):
    """Start the transaction; oslo.db's own listener comes later and skips what is marked as begun."""
    if connection.dialect.name != "sqlite" or "in_transaction" in connection.info:
        return
    mode = connection.get_execution_options().get("refcloud_begin", "")
    connection.exec_driver_sql(f"BEGIN {mode}".strip())
    connection.info["in_transaction"] = True


def install():
    """Make every writer of this process begin its transactions as a writer. Call it before the first one."""
    import sqlalchemy.event
    from oslo_db.sqlalchemy import enginefacade
    from sqlalchemy.engine import Engine

    sqlalchemy.event.listen(Engine, "begin", _begin)
    factory = enginefacade._TransactionFactory
    open_session, open_connection = factory._create_session, factory._create_connection

    def create_session(self, mode, bind=None):
        session = open_session(self, mode, bind)
        if mode is enginefacade._WRITER and bind is None:
            engine = session.get_bind()
            if engine.dialect.name == "sqlite":
                session.bind = engine.execution_options(**WRITER)
        return session

    def create_connection(self, mode):
        connection = open_connection(self, mode)
        if mode is enginefacade._WRITER and connection.dialect.name == "sqlite":
            connection = connection.execution_options(**WRITER)
        return connection

    factory._create_session, factory._create_connection = create_session, create_connection


def use_wal(engine):
    """Let readers go on while one writes. SQLite keeps this mode in the database file."""
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")


def drop_unfinished(name, *files):
    """Remove these databases if an earlier start was cut off before it finished what `name` names."""
    if not pathlib.Path("made", name).exists():
        for file in files:
            for suffix in ("", "-wal", "-shm", "-journal"):
                pathlib.Path("db", file + suffix).unlink(missing_ok=True)


def once(name, make, *args, **kwargs):
    """Call `make`, and say True, unless an earlier start of this cloud already made what `name` names."""
    done = pathlib.Path("made", name)
    if done.exists():
        return False
    started = time.monotonic()
    make(*args, **kwargs)
    done.parent.mkdir(exist_ok=True)
    unfinished = done.with_suffix(f".{os.getpid()}")
    unfinished.write_text("made\n")
    unfinished.replace(done)
    print(f"{name}: made in {time.monotonic() - started:.2f} s", flush=True)
    return True
