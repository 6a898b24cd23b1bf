"""glance with its schema; images are files below the state folder."""

from refcloud_services import database


def application(conf_dir):
    database.install()
    database.drop_unfinished("glance-schema", "glance.db")
    from glance.common import wsgi_app  # noqa: F401 - registers the options
    from oslo_config import cfg

    cfg.CONF([], project="glance", default_config_files=[f"{conf_dir}/glance-api.conf"])
    from glance.db.sqlalchemy import api as database_api

    database.use_wal(database_api.get_engine())
    database.once("glance-schema", make_schema)
    cfg.CONF.reset()
    from glance.wsgi import api

    return api.application


def make_schema():
    from alembic import command
    from glance.cmd import manage
    from glance.db import migration
    from glance.db.sqlalchemy import alembic_migrations

    manage.USE_TRIGGERS = False
    config = alembic_migrations.get_alembic_config()
    for branch in (migration.EXPAND_BRANCH, migration.CONTRACT_BRANCH):
        command.upgrade(config, alembic_migrations.get_alembic_branch_head(branch))
