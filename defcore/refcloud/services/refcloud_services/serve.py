"""Start services of the reference cloud, each with all its parts in one process:

    python -m refcloud_services.serve STATE HOST SERVICE=PORT...

With more than one service, what they share is imported once and each is then forked. The working directory is
the state folder. Every process writes `run/SERVICE.json` before anything else, so that it can be found again.
"""

import faulthandler
import gc
import importlib
import os
import signal
import sys
import time

from refcloud_services import record

THREADS = 16
# Read by the services at import.
ON_THREADS = {"OS_NOVA_DISABLE_EVENTLET_PATCHING": "true", "OS_CINDER_DISABLE_EVENTLET_PATCHING": "true"}
# Imported before the fork: this halves the time that the services take to start, and shares their memory.
SHARED = (
    "alembic.command", "cryptography.fernet", "dogpile.cache", "jsonpatch", "jsonschema",
    "keystoneauth1.loading", "keystonemiddleware.auth_token", "lxml.etree", "netaddr",
    "openstack.connection", "oslo_cache.core", "oslo_concurrency.lockutils",
    "oslo_db.sqlalchemy.enginefacade", "oslo_log.log", "oslo_messaging", "oslo_middleware",
    "oslo_policy.policy", "oslo_serialization.jsonutils", "oslo_versionedobjects.base", "osprofiler.web",
    "paste.deploy", "paste.urlmap", "requests", "routes.middleware", "sqlalchemy.orm", "stevedore",
    "waitress.server", "webob.dec", "yaml",
)  # fmt: skip


class NoEventlet:
    """On `sys.meta_path` it hides eventlet: nova refuses to run on threads once anything imported it."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "eventlet":
            raise ImportError("these services run on threads")


def main():
    state, host, *wanted = sys.argv[1:]
    services = [one.split("=") for one in wanted]
    if len(services) == 1:
        run(state, host, *services[0])
        return
    import_shared()
    for name, port in services:
        if os.fork() == 0:
            os.setsid()
            log = os.open(f"{state}/log/{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            run(state, host, name, port)
            return


def import_shared():
    """Import what the threaded services have in common, and keep it out of the garbage collector's way."""
    sys.meta_path.insert(0, NoEventlet)
    import oslo_service.backend

    oslo_service.backend.init_backend(oslo_service.backend.BackendType.THREADING)
    for name in SHARED:
        importlib.import_module(name)
    sys.meta_path.remove(NoEventlet)
    gc.freeze()


def run(state, host, name, port):
    """Become the service `name`: build its application, then serve it until the process is ended."""
    record.write(name, listening=False)
    started = time.monotonic()
    os.environ.update(ON_THREADS)
    for project in ("KEYSTONE", "GLANCE", "PLACEMENT", "NOVA", "NEUTRON"):
        os.environ[f"OS_{project}_CONFIG_DIR"] = f"{state}/etc"
    sys.argv = [name]
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # where does a service hang?
    module = importlib.import_module(f"refcloud_services.{name}_app")
    application = module.application(f"{state}/etc")
    print(f"{name}: ready after {time.monotonic() - started:.1f} s", flush=True)
    if application is not None:  # swift serves by itself
        serve(name, application, host, int(port))


def serve(name, application, host, port):
    import waitress.server

    # The default limit of waitress is 1 GiB, less than the image of a small volume.
    server = waitress.server.create_server(
        application, host=host, port=port, threads=THREADS, ident=None, channel_timeout=300, backlog=128,
        max_request_body_size=1 << 40)  # fmt: skip
    record.write(name, listening=True)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    server.run()


if __name__ == "__main__":
    main()
