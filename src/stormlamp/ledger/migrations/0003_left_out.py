"""What is left out here of another node's origin, with the hashes that prove it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_once_in_one_tree")]
    operations = [
        migrations.CreateModel(
            name="LedgerGap",
            fields=[
                ("pk", models.CompositePrimaryKey("origin", "first", blank=True, editable=False, primary_key=True, serialize=False)),
                ("origin", models.TextField()),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={"db_table": "ledger_gap"},
        )
    ]
