"""neutron's API with ML2 and the plain L3 plugin; no agent."""

import os

from refcloud_services import database


def application(conf_dir):
    database.install()
    database.drop_unfinished("neutron-schema", "neutron.db")
    os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    from neutron import server

    server._init_configuration(prog="neutron-api")
    from neutron.db.migration.models import head
    from neutron_lib.db import api

    engine = api.CONTEXT_WRITER.get_engine()
    database.use_wal(engine)
    # From the models: neutron's migrations are not meant for SQLite.
    database.once("neutron-schema", head.get_metadata().create_all, engine)
    from neutron.wsgi import api as wsgi

    return wsgi.application
