"""Django: inspectdb and its introspection, the ORM over models that inspectdb wrote, transactions, server-side cursors, writes."""
import io
import os
import sys
import types

import django
from django.conf import settings
from django.core.management import call_command

from steps import attempt, rows, step

settings.configure(DATABASES={'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': os.environ['PGHOST'], 'PORT': os.environ['PGPORT'], 'NAME': os.environ['PGDATABASE'],
                                          'USER': os.environ['PGUSER'], 'PASSWORD': os.environ['PGPASSWORD']}},
                   INSTALLED_APPS=['django.contrib.postgres', 'django.contrib.contenttypes'], USE_TZ=True, TIME_ZONE='UTC', DEFAULT_AUTO_FIELD='django.db.models.BigAutoField')
django.setup()

from django.db import DatabaseError, connection, models, transaction  # noqa: E402
from django.db.models import Avg, Count, F, OuterRef, Q, Subquery, Sum  # noqa: E402
from django.db.models.functions import Lower, TruncMonth  # noqa: E402


def inspected(schema):
    """What inspectdb writes of the tables of a schema."""
    with connection.cursor() as cursor:
        cursor.execute('SET search_path = ' + schema)
    out = io.StringIO()
    call_command('inspectdb', stdout=out, include_views=True, include_partitions=True)
    with connection.cursor() as cursor:
        cursor.execute('RESET search_path')
    return out.getvalue()


@step('inspectdb')
def _():
    for schema in ('public', 'crm', 'materialized'):
        print(inspected(schema))


@step('introspection')
def _():
    i = connection.introspection
    with connection.cursor() as cursor:
        rows(sorted(i.get_table_list(cursor)))
        for table in ('campaigns', 'messages', 'contacts', 'Mixed Case', 'channels'):
            for column in i.get_table_description(cursor, table):
                print(column._replace(type_code='of the schema' if column.type_code > 16383 else column.type_code))
            for name, constraint in sorted(i.get_constraints(cursor, table).items()):
                print(name, constraint)
            print(i.get_primary_key_column(cursor, table), i.get_sequences(cursor, table), i.get_relations(cursor, table))


def campaigns():
    """The model that inspectdb wrote, made real."""
    text = inspected('public')
    module = types.ModuleType('inspected')
    module.models = models
    part = text[text.index('class Campaigns('):]
    part = part[:part.index('\n\n\n')] if '\n\n\n' in part else part
    text = part.replace('managed = False', "managed = False\n        app_label = 'inspected'")
    sys.modules['inspected'] = module
    exec(compile(text, 'inspected', 'exec'), module.__dict__ | {'__name__': 'inspected'}, module.__dict__)  # noqa: S102
    return module.Campaigns


@step('the model of inspectdb')
def _():
    Campaigns = campaigns()
    print([(f.name, type(f).__name__, f.null, f.primary_key) for f in Campaigns._meta.fields])
    rows(Campaigns.objects.order_by('id').values_list('id', 'name', 'status', 'budget', 'starts_on')[:3])


class Campaign(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()
    status = models.TextField(null=True)
    channel_id = models.IntegerField()
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    starts_on = models.DateField(null=True)
    created_at = models.DateTimeField(null=True)
    settings = models.JSONField(null=True)

    class Meta:
        app_label, db_table, managed = 'own', 'campaigns', False


class Message(models.Model):
    id = models.BigIntegerField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.DO_NOTHING, null=True)
    subject = models.CharField(max_length=80, null=True)
    status = models.TextField(null=True)
    cost = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    took = models.DurationField(null=True)
    trace = models.UUIDField(null=True)

    class Meta:
        app_label, db_table, managed = 'own', 'messages', False


@step('queries')
def _():
    rows(Campaign.objects.filter(name__icontains='CAMP', starts_on__year__gte=2000).exclude(status='nothing').order_by('-id').values_list('id', 'name'))
    rows(Message.objects.select_related('campaign').order_by('id').values_list('id', 'campaign__name', 'cost', 'took', 'trace')[:5])
    rows(Campaign.objects.annotate(n=Count('message')).order_by('id').values_list('id', 'n'))
    print(Message.objects.aggregate(Sum('cost'), Avg('cost'), n=Count('id', filter=Q(cost__gt=0))))
    rows(Campaign.objects.annotate(month=TruncMonth('created_at')).values('month').annotate(n=Count('id')).order_by('month').values_list('month', 'n'))
    rows(Campaign.objects.annotate(last=Subquery(Message.objects.filter(campaign=OuterRef('pk')).order_by('-id').values('id')[:1])).order_by('id').values_list('id', 'last'))
    rows(Campaign.objects.filter(settings__cap__gt=20).order_by('id').values_list('id', 'settings'))
    rows(Campaign.objects.annotate(low=Lower('name'), double=F('budget') * 2).order_by('id').values_list('low', 'double')[:3])
    rows(Campaign.objects.filter(id__in=Message.objects.filter(status='sent').values('campaign')).distinct().order_by('id').values_list('id'))
    print(Campaign.objects.filter(pk=5500001).exists(), Campaign.objects.count(), Campaign.objects.get(pk=5500001).name, Campaign.objects.filter(pk=7700001).first())
    rows(Campaign.objects.filter(id=5500001).union(Campaign.objects.filter(id=5500002)).values_list('id').order_by('id'))
    rows([c.name] for c in Campaign.objects.raw('SELECT * FROM campaigns WHERE id < %s ORDER BY id', [5500003]))
    print(Campaign.objects.filter(pk=1).explain()[:0])


@step('prefetched, iterated from the server, deferred')
def _():
    rows((c.id, sorted(m.id for m in c.message_set.all())[:2]) for c in Campaign.objects.prefetch_related('message_set').order_by('id'))
    rows((m.id, m.subject) for m in Message.objects.order_by('id').iterator(chunk_size=7))
    rows([c.name] for c in Campaign.objects.only('id').order_by('id')[:2])


@step('transactions')
def _():
    with transaction.atomic():
        print(Campaign.objects.count())
        try:
            with transaction.atomic():
                list(Campaign.objects.extra(where=['1 / (id - id) = 1']))
        except DatabaseError as error:
            print(str(error).strip())
        print(Campaign.objects.count())
    connection.set_autocommit(False)
    print(Message.objects.count())
    connection.rollback()
    connection.set_autocommit(True)
    attempt(lambda: list(Campaign.objects.extra(where=['nothing = 1'])))


@step('the connection')
def _():
    print(connection.vendor, connection.pg_version >= 150000, connection.is_usable(), connection.timezone_name)
    with connection.cursor() as cursor:
        cursor.execute('SELECT %s, current_setting(%s)', [1, 'TimeZone'])
        print(cursor.fetchone())
    connection.close()
    print(Campaign.objects.count())


@step('a write', refused='42501')
def _():
    Campaign.objects.filter(pk=-1).update(name='x')
