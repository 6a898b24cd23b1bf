"""keystone, with this cloud's users, projects and catalog made before it listens."""

import json
import os
import threading
import uuid

from refcloud_services import database


def application(conf_dir):
    database.install()
    database.drop_unfinished("keystone-schema", "keystone.db")
    import keystone.server

    keystone.server.configure(config_files=[f"{conf_dir}/keystone.conf"])
    from keystone.common import sql
    from keystone.common.sql import upgrades

    make_keys()
    database.once("keystone-schema", upgrades.offline_sync_database_to_version)
    with sql.session_for_read() as session:
        database.use_wal(session.get_bind())
    with open(f"{conf_dir}/keystone.json") as file:
        wanted = json.load(file)
    if not database.once("keystone-bootstrap", bootstrap, wanted):
        from keystone.server import backends

        backends.load_backends()  # bootstrap did it otherwise; a process can do it only once
    database.once("keystone-users", make_users, wanted)
    sync_catalog(wanted)
    keep_tokens_apart()
    # keystone.wsgi.api would configure everything a second time; this is the rest of what it does.
    from keystone.server.flask import application as flask_application
    from keystone.server.flask import core

    return core.setup_app_middleware(flask_application.application_factory("public"))


def keep_tokens_apart():
    """Each thread has its own token.

    keystone keeps the token of a request on the middleware that looked it up, which all threads share: while another
    user's request came in, an application credential was to be made with that user's roles, and was refused.
    """
    from keystone.server.flask.request_processing.middleware.auth_context import AuthContextMiddleware

    own = threading.local()
    AuthContextMiddleware.token = property(
        lambda self: getattr(own, "token", None), lambda self, token: setattr(own, "token", token)
    )


def make_keys():
    import keystone.conf
    from keystone.common import fernet_utils

    conf = keystone.conf.CONF
    for group, options in (("fernet_tokens", conf.fernet_tokens), ("credential", conf.credential)):
        if not os.path.exists(os.path.join(options.key_repository, "0")):
            os.makedirs(options.key_repository, 0o700, exist_ok=True)
            fernet_utils.FernetUtils(options.key_repository, 3, group).initialize_key_repository()


def bootstrap(wanted):
    """What `keystone-manage bootstrap` makes."""
    from keystone.cmd.bootstrap import Bootstrapper

    one = Bootstrapper()
    one.admin_username = one.project_name = one.admin_role_name = "admin"
    one.admin_password, one.region_id = wanted["admin_password"], wanted["region"]
    one.bootstrap()


def make_users(wanted):
    """Add roles, projects and users. What an interrupted start left is found by name and used."""
    from keystone.common.provider_api import ProviderAPIs

    assignments = ProviderAPIs.assignment_api
    roles = {role["name"]: role["id"] for role in ProviderAPIs.role_api.list_roles()}
    for name in wanted["roles"]:
        if name not in roles:
            roles[name] = uuid.uuid4().hex
            ProviderAPIs.role_api.create_role(roles[name], {"id": roles[name], "name": name})
    projects = {one["name"]: one["id"] for one in ProviderAPIs.resource_api.list_projects()}
    users = {one["name"]: one["id"] for one in ProviderAPIs.identity_api.list_users(domain_scope="default")}
    for name, user in wanted["users"].items():
        project = user["project"]
        if project not in projects:
            projects[project] = uuid.uuid4().hex
            ProviderAPIs.resource_api.create_project(projects[project], {
                "id": projects[project], "name": project, "domain_id": "default", "enabled": True})  # fmt: skip
        if name not in users:
            users[name] = ProviderAPIs.identity_api.create_user({
                "name": name, "password": user["password"], "domain_id": "default", "enabled": True,
                "default_project_id": projects[project]})["id"]  # fmt: skip
        had = assignments.get_roles_for_user_and_project(users[name], projects[project])
        for role in user["roles"]:
            if roles[role] not in had:
                assignments.add_role_to_user_and_project(users[name], projects[project], roles[role])


def sync_catalog(wanted):
    """Make the catalog name the services that this cloud runs now, and no other."""
    from keystone.common.provider_api import ProviderAPIs

    catalog, services = ProviderAPIs.catalog_api, wanted["services"]
    known = {one["type"]: one for one in catalog.list_services()}
    for kind in known.keys() - services.keys():
        catalog.delete_service(known[kind]["id"])  # its endpoints go with it
    for kind in services.keys() - known.keys():
        name, url = services[kind]
        service = uuid.uuid4().hex
        catalog.create_service(service, {"id": service, "type": kind, "name": name, "enabled": True})
        for interface in ("public", "internal", "admin"):
            endpoint = uuid.uuid4().hex
            catalog.create_endpoint(endpoint, {
                "id": endpoint, "service_id": service, "region_id": wanted["region"],
                "interface": interface, "url": url, "enabled": True})  # fmt: skip
