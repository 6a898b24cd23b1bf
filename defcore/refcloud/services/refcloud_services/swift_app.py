"""swift: the proxy and the three servers behind it, as green threads of one process."""

import logging
import os
import sys

from refcloud_services import database, record

KINDS = ("account", "container", "object")


def application(conf_dir):
    """Serve until the process is ended; there is no WSGI application to hand back."""
    database.once("swift-rings", make_rings, conf_dir)
    import eventlet
    import eventlet.wsgi
    from swift.common import constraints, wsgi

    servers = []
    for kind in (*KINDS, "proxy"):
        path = f"{conf_dir}/swift-{kind}.conf"
        _conf, _logger, global_conf, strategy = wsgi.check_config(path, f"{kind}-server")
        app = wsgi.loadapp(path, global_conf=global_conf)
        # As swift.common.wsgi.run_server does, which would take the hub over and end the other servers.
        servers.append(eventlet.spawn(
            eventlet.wsgi.server, strategy.no_fork_sock(), app, wsgi.NullLogger(),
            custom_pool=wsgi.RestrictedGreenPool(size=1024), protocol=wsgi.SwiftHttpProtocol,
            socket_timeout=60, capitalize_response_headers=False,
            url_length_limit=constraints.MAX_REQUEST_LINE))  # fmt: skip
    record.write("swift", listening=True)  # the sockets are bound above
    for server in servers:
        server.wait()


def make_rings(conf_dir):
    """A ring for each kind: 16 partitions, one replica, one device."""
    import configparser

    from swift.common.ring import RingBuilder

    for kind in KINDS:
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(os.path.join(conf_dir, f"swift-{kind}.conf"))
        host, port = settings["DEFAULT"]["bind_ip"], int(settings["DEFAULT"]["bind_port"])
        builder = RingBuilder(4, 1, 0)
        builder.add_dev({
            "id": 0, "region": 1, "zone": 1, "weight": 1, "ip": host, "port": port, "device": "d1",
            "replication_ip": host, "replication_port": port, "meta": ""})  # fmt: skip
        builder.rebalance()
        builder.save(os.path.join(conf_dir, f"{kind}.builder"))
        builder.get_ring().save(os.path.join(conf_dir, f"{kind}.ring.gz"))


def log_to_stderr(conf, name, log_to_console, log_route, fmt, logger, adapted_logger):
    """A swift `log_custom_handlers` hook: write to this cloud's log, not to the machine's syslog."""
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"%(asctime)s %(levelname)s {name} %(message)s"))
    logger.addHandler(handler)
