from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('providers', '0004_provider_label'),
    ]

    operations = [
        migrations.AddField(
            model_name='provider',
            name='proxy_login_encrypted',
            field=models.TextField(blank=True, db_default='', default='', editable=False),
        ),
    ]
