"""The database: models, sessions, one module of queries per aggregate, migrations."""
