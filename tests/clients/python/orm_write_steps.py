"""SQLAlchemy, Django and asyncpg of a user who may write: units of work, bulk statements, RETURNING, ON CONFLICT, locks, types there and
back. Every step is rolled back."""
import asyncio
import datetime
import decimal
import os
import uuid

import asyncpg
import django
import sqlalchemy
from django.conf import settings
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, declarative_base, relationship

from steps import attempt, rows, step

ENGINE = sqlalchemy.create_engine('postgresql+psycopg2://', future=True)
METADATA = sqlalchemy.MetaData(schema='shop')
Base = declarative_base(metadata=METADATA)


class Customer(Base):
    __table__ = sqlalchemy.Table('customers', METADATA, autoload_with=ENGINE)
    orders = relationship('Order', back_populates='customer')


class Order(Base):
    __table__ = sqlalchemy.Table('orders', METADATA, autoload_with=ENGINE)
    customer = relationship(Customer, back_populates='orders')


def rolled_back(function):
    with ENGINE.connect() as connection:
        outer = connection.begin()
        try:
            with Session(bind=connection) as session:
                function(session)
        finally:
            outer.rollback()


@step('SQLAlchemy: a unit of work')
def _():
    def work(session):
        customer = Customer(id=14001, name='one', tier='gold', tags=['a', None], profile={'n': [1]}, born=datetime.date(2001, 2, 3), credit=decimal.Decimal('1.50'))
        customer.orders = [Order(id=14001, state='paid', total=decimal.Decimal('9.99')), Order(id=14002)]
        session.add(customer)
        session.flush()
        session.expire_all()
        print(customer.name, customer.tier, customer.tags, customer.profile, customer.active, [(o.id, o.state, o.total, o.placed_at) for o in customer.orders])
        customer.name = 'other'
        session.delete(customer.orders[1])
        session.flush()
        print(session.execute(select(func.count()).select_from(Order).where(Order.customer_id == 14001)).scalar())
        with session.begin_nested() as nested:
            session.execute(text('UPDATE shop.customers SET note = :n WHERE id = 14001'), {'n': 'x'})
            nested.rollback()
        print(session.execute(select(Customer.note).where(Customer.id == 14001)).scalar())
    rolled_back(work)


@step('SQLAlchemy: statements')
def _():
    def work(session):
        session.execute(insert(Customer.__table__), [{'id': 14000 + n, 'name': 'n%d' % n} for n in range(1, 30)])
        rows(session.execute(insert(Customer.__table__).values(id=14100, name='x').returning(Customer.id, Customer.active)))
        statement = upsert(Customer.__table__).values([{'id': 14100, 'name': 'y'}, {'id': 14101, 'name': 'z'}])
        rows(session.execute(statement.on_conflict_do_update(index_elements=['id'], set_={'name': statement.excluded.name}).returning(Customer.id, Customer.name)))
        print(session.execute(upsert(Customer.__table__).values(id=14100, name='y').on_conflict_do_nothing()).rowcount)
        print(session.execute(update(Customer).where(Customer.id > 14090).values(credit=Customer.credit + 1).execution_options(synchronize_session=False)).rowcount)
        print(session.execute(delete(Customer).where(Customer.id.in_(select(Customer.id).where(Customer.id > 14010))).execution_options(synchronize_session=False)).rowcount)
        rows(session.execute(select(Customer.id, Customer.name).where(Customer.id > 14000).order_by(Customer.id).with_for_update(skip_locked=True)))
        session.bulk_insert_mappings(Order, [{'id': 14000 + n, 'customer_id': 14001} for n in range(1, 6)])
        session.flush()
        print(session.query(Order).filter(Order.customer_id == 14001).count())
    rolled_back(work)


@step('SQLAlchemy: errors of constraints')
def _():
    rolled_back(lambda session: attempt(session.execute, insert(Customer.__table__), [{'id': 14001, 'name': 'a'}, {'id': 14001, 'name': 'b'}]))
    rolled_back(lambda session: attempt(session.execute, insert(Order.__table__).values(id=14001, customer_id=14009)))


settings.configure(DATABASES={'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': os.environ['PGHOST'], 'PORT': os.environ['PGPORT'], 'NAME': os.environ['PGDATABASE'],
                                          'USER': os.environ['PGUSER'], 'PASSWORD': os.environ['PGPASSWORD'], 'OPTIONS': {'options': '-c search_path=shop,public'}}},
                   INSTALLED_APPS=['django.contrib.postgres', 'django.contrib.contenttypes'], USE_TZ=True, TIME_ZONE='UTC', DEFAULT_AUTO_FIELD='django.db.models.BigAutoField')
django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.db import DatabaseError, models, transaction  # noqa: E402


class DjangoCustomer(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()
    tags = ArrayField(models.TextField(), null=True)
    profile = models.JSONField(null=True)
    born = models.DateField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        app_label, db_table, managed = 'own', 'customers', False


class DjangoOrder(models.Model):
    id = models.IntegerField(primary_key=True)
    customer = models.ForeignKey(DjangoCustomer, models.CASCADE, null=True, related_name='orders')
    state = models.TextField(default='open')

    class Meta:
        app_label, db_table, managed = 'own', 'orders', False


class Undone(Exception):
    pass


def undone(function):
    try:
        with transaction.atomic():
            function()
            raise Undone
    except Undone:
        pass


@step('Django: models')
def _():
    def work():
        objects = DjangoCustomer.objects
        one = objects.create(id=14001, name='one', tags=['a', 'b,c'], profile={'n': 1}, born=datetime.date(2001, 2, 3))
        one.name = 'other'
        one.save()
        objects.bulk_create([DjangoCustomer(id=14001 + n, name='n') for n in range(1, 20)], batch_size=7)
        objects.bulk_create([DjangoCustomer(id=14001, name='again')], ignore_conflicts=True)
        print(objects.get_or_create(id=14001, defaults={'name': 'x'})[1], objects.update_or_create(id=14050, defaults={'name': 'y'})[1])
        print(objects.filter(id__gt=14000).update(name=models.functions.Upper('name')), objects.filter(id__gt=14000, tags__contains=['a']).values_list('id', 'name', 'profile__n').get())
        DjangoOrder.objects.create(id=14001, customer=one)
        rows(objects.select_for_update().filter(id=14001).values_list('id', 'name', 'active'))
        batch = list(objects.filter(id__gt=14000))
        for customer in batch:
            customer.active = False
        objects.bulk_update(batch, ['active'])
        print(objects.filter(active=False, id__gt=14000).count(), one.delete(), objects.filter(id__gt=14000).delete())
    undone(work)


@step('Django: an error and a savepoint')
def _():
    def work():
        DjangoCustomer.objects.create(id=14001, name='one')
        try:
            with transaction.atomic():
                DjangoCustomer.objects.create(id=14001, name='two')
        except DatabaseError as error:
            print(type(error).__name__, str(error).strip())
        print(DjangoCustomer.objects.filter(id=14001).values_list('name', flat=True).get())
    undone(work)


def asynchronous(function):
    async def run():
        connection = await asyncpg.connect(ssl='disable')
        transaction = connection.transaction()
        await transaction.start()
        try:
            await function(connection)
        finally:
            await transaction.rollback()
            await connection.close()
    asyncio.run(run())


@step('asyncpg: types there and back')
def _():
    async def run(c):
        rows(await c.fetch('INSERT INTO messages (id, subject, status, cost, segments, sent_at, scheduled_for, took, urgent, payload, trace, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING *',
                           5575001, 'größe', 'sent', decimal.Decimal('1.25'), 3, datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc), datetime.datetime(2024, 2, 29), datetime.timedelta(days=1, microseconds=5),
                           True, b'\x00\xff\\', uuid.UUID('00112233-4455-6677-8899-aabbccddeeff'), '{"a": 1}'))
    asynchronous(run)


@step('asyncpg: executemany, RETURNING, status')
def _():
    async def run(c):
        await c.executemany('INSERT INTO shop.notes (id, body) VALUES ($1, $2)', [(14000 + n, 'x') for n in range(1, 50)])
        print(await c.execute('UPDATE shop.notes SET body = $1 WHERE id > $2', 'y', 14040), await c.execute('DELETE FROM shop.notes WHERE id > 14045'))
        rows(await c.fetch('INSERT INTO shop.customers (id, name, tags, profile) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING id, tags, profile', 14001, 'n', ['a', None], '{}'))
        print(await c.fetchval('SELECT count(*) FROM shop.notes WHERE id > $1', 14000))
        s = await c.prepare('INSERT INTO shop.notes (id) VALUES ($1) RETURNING id')
        print(await s.fetchval(14100), s.get_statusmsg(), [(a.name, a.type.name) for a in s.get_attributes()])

        async def broken():
            async with c.transaction():
                await c.execute("INSERT INTO shop.customers (id, name) VALUES (14002, 'a'), (14002, 'b')")
        try:
            await broken()
        except asyncpg.PostgresError as error:
            print(error.sqlstate, error.message, error.detail, error.schema_name, error.table_name, error.constraint_name)
        print(await c.fetchval('SELECT count(*) FROM shop.customers WHERE id = 14002'))
    asynchronous(run)
