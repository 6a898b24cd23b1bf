"""placement. Its application reads the database at import, so the schema is made before."""

from refcloud_services import database


def application(conf_dir):
    database.install()
    database.drop_unfinished("placement-schema", "placement.db")
    import configparser

    import sqlalchemy
    from placement.db.sqlalchemy import migration

    settings = configparser.ConfigParser(interpolation=None)
    settings.read(f"{conf_dir}/placement.conf")
    engine = sqlalchemy.create_engine(settings["placement_database"]["connection"])
    database.use_wal(engine)
    database.once("placement-schema", migration.create_schema, engine)
    engine.dispose()
    from placement.wsgi import api

    return api.application
