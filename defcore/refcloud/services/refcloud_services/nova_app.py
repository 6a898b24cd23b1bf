"""nova: the API, the conductor, the scheduler and a compute service whose hypervisor only pretends."""

import json
import os
import socket
import sys
import time
from urllib.parse import urlsplit

from refcloud_services import database

RUNNING = []  # the services, kept from the garbage collector


def application(conf_dir):
    from nova import monkey_patch

    monkey_patch.patch(backend="threading")
    database.install()
    database.drop_unfinished("nova-api-schema", "nova_api.db")
    database.drop_unfinished("nova-schema", "nova.db")
    database.drop_unfinished("nova-cell0-schema", "nova_cell0.db")
    import nova.conf
    from nova.api.openstack import wsgi_app

    # The first of these files is the one with the paste pipelines.
    os.environ["OS_NOVA_CONFIG_FILES"] = f"{sys.prefix}/etc/nova/api-paste.ini;nova.conf"
    wsgi_app.init_global_data([f"{conf_dir}/nova.conf"], "osapi_compute", "nova-api")
    make_databases(nova.conf.CONF)
    register_hypervisor(nova.conf.CONF)
    api = wsgi_app.init_application("osapi_compute", "nova-api")
    start_services(conf_dir)
    return api


def make_databases(conf):
    """The API database, the cell's, and cell0's, each with its mapping."""
    from nova import context, objects
    from nova.db import migration
    from nova.db.api import api as api_database
    from nova.db.main import api as main_database

    for engine in (api_database.get_engine(), main_database.get_engine()):
        database.use_wal(engine)
    database.once("nova-api-schema", migration.db_sync, database="api")
    database.once("nova-schema", migration.db_sync, database="main")
    admin = context.get_admin_context()
    database.once("nova-cells", map_cells, admin, conf)
    cell0 = objects.CellMapping.get_by_uuid(admin, objects.CellMapping.CELL0_UUID)
    with context.target_cell(admin, cell0) as targeted:
        database.use_wal(main_database.get_engine(context=targeted))
        database.once("nova-cell0-schema", migration.db_sync, database="main", context=targeted)


def map_cells(admin, conf):
    from nova import objects
    from oslo_utils import uuidutils

    main = conf.database.connection
    known = {cell.name for cell in objects.CellMappingList.get_all(admin)}
    for name, uuid, connection, bus in (
        ("cell0", objects.CellMapping.CELL0_UUID, main.replace("nova.db", "nova_cell0.db"), "none:///"),
        ("cell1", uuidutils.generate_uuid(), main, conf.transport_url),
    ):
        if name not in known:
            objects.CellMapping(admin, uuid=uuid, name=name, transport_url=bus, database_connection=connection).create()


def register_hypervisor(conf):
    import os_brick
    import os_vif
    from nova import objects
    from oslo_privsep import priv_context  # noqa: F401 - registers its options
    from oslo_service import opts
    from refcloud_services import nova_driver

    sys.modules["nova.virt.refcloud"] = nova_driver  # nova looks for drivers only below nova.virt
    opts.register_service_opts(conf)
    os_brick.setup(conf)
    os_vif.initialize()
    objects.Service.enable_min_version_cache()


def start_services(conf_dir):
    from nova import context, service
    from nova.objects import host_mapping

    with open(f"{conf_dir}/keystone.json") as file:
        catalog = json.load(file)["services"]
    for kind in ("identity", "placement"):  # both are asked once at the start, and then not for a minute
        wait_for(catalog[kind][1])
    topics = {"nova-conductor": None, "nova-scheduler": None, "nova-compute": "compute-alt"}
    for binary, topic in topics.items():
        one = service.Service.create(binary=binary, topic_alt=topic)
        one.start()
        RUNNING.append(one)
    host_mapping.discover_hosts(context.get_admin_context())


def wait_for(url, seconds=120):
    """Return when something listens at the address of `url`."""
    parts, end = urlsplit(url), time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((parts.hostname, parts.port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} did not answer within {seconds} s")
