"""The index of once keys as one tree and not two: half the pages that each message writes there.

Only SQLite keeps a table beside the index of its key; elsewhere there is nothing to change. The rows are copied as they are.
"""

from django.db import migrations

COLUMNS = "key, origin, sequence, count"
MADE = "(key text NOT NULL PRIMARY KEY, origin text NOT NULL, sequence bigint NOT NULL, count integer NOT NULL)"


def remade(schema, ending):
    if schema.connection.vendor != "sqlite":
        return
    schema.execute(f"CREATE TABLE ledger_once_new {MADE} {ending}")
    schema.execute(f"INSERT INTO ledger_once_new ({COLUMNS}) SELECT {COLUMNS} FROM ledger_once ORDER BY key")
    schema.execute("DROP TABLE ledger_once")
    schema.execute("ALTER TABLE ledger_once_new RENAME TO ledger_once")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda apps, schema: remade(schema, "WITHOUT ROWID"),
            lambda apps, schema: remade(schema, ""),
        )
    ]
