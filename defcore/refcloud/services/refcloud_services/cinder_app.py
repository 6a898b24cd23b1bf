"""cinder: the API, the scheduler and one volume service that keeps volumes as sparse files."""

import sys
import threading

from refcloud_services import database

RUNNING = []  # the services, kept from the garbage collector


def application(conf_dir):
    from cinder import monkey_patch

    monkey_patch.patch()
    database.install()
    database.drop_unfinished("cinder-schema", "cinder.db")
    from cinder import objects, version
    from cinder.common import config  # noqa: F401 - registers the options
    from cinder.db import api as database_api
    from cinder.db import migration
    from oslo_config import cfg

    objects.register_all()
    sys.argv = ["cinder-api", "--config-file", f"{conf_dir}/cinder.conf"]
    cfg.CONF(sys.argv[1:], project="cinder", version=version.version_string())
    database.use_wal(database_api.get_engine())
    database.once("cinder-schema", migration.db_sync)
    import os_brick

    os_brick.setup(cfg.CONF)
    from cinder.wsgi import wsgi

    api = wsgi.initialize_application()
    start_services(cfg)
    return api


def start_services(cfg):
    from cinder import service
    from cinder.common import constants

    turn = threading.Lock()

    class Service(service.Service):
        """cinder keeps the id of the one service of a process in the class; here two services take turns."""

        def report_state(self):
            with turn:
                kept, service.Service.service_id = service.Service.service_id, self.origin_service_id
                super().report_state()
                service.Service.service_id = kept

    cfg.CONF.register_opt(cfg.StrOpt("backend_host"), group="file")
    host = f"{cfg.CONF.host}@file"
    volume = Service.create(host=host, service_name="file", binary=constants.VOLUME_BINARY, coordination=True)
    scheduler = Service.create(binary=constants.SCHEDULER_BINARY)
    for one in (volume, scheduler):  # in this order, or the scheduler waits a minute
        one.start()
        RUNNING.append(one)
    service.Service.service_id = volume.origin_service_id
