"""SQLAlchemy 1.4 over psycopg2: the inspector, reflection, expressions, sessions, streaming."""
import datetime

import sqlalchemy
from sqlalchemy import func, inspect, select, text
from sqlalchemy.ext import automap
from sqlalchemy.orm import Session, declarative_base

from steps import attempt, rows, step

ENGINE = sqlalchemy.create_engine('postgresql+psycopg2://', future=True, pool_size=2)
AUTOCOMMIT = ENGINE.execution_options(isolation_level='AUTOCOMMIT')


def ordered(value):
    """Names of constraints come in no order."""
    return sorted(value, key=str) if isinstance(value, list) else value


@step('the dialect')
def _():
    with ENGINE.connect() as c:
        d = c.dialect
        print(d.default_schema_name, d.default_isolation_level, d.server_version_info[0], c.get_isolation_level(), d.max_identifier_length)


@step('names')
def _():
    i = inspect(ENGINE)
    print(sorted(i.get_schema_names()), sorted(i.get_table_names()), sorted(i.get_view_names()), sorted(i.get_table_names(schema='crm')), i.get_enums(), i.get_sequence_names(),
          i.get_foreign_table_names(), i.has_table('campaigns'), i.has_table('nothing'), i.has_table('contacts', schema='crm'), i.default_schema_name)


@step('tables')
def _():
    i = inspect(ENGINE)
    for schema, table in (('public', 'campaigns'), ('public', 'contacts'), ('public', 'messages'), ('public', 'Mixed Case'), ('materialized', 'daily_metrics'), (None, 'events')):
        print(table)
        for column in i.get_columns(table, schema=schema):
            print({name: repr(value) for name, value in column.items()})
        for question in ('get_pk_constraint', 'get_foreign_keys', 'get_indexes', 'get_unique_constraints', 'get_check_constraints', 'get_table_comment'):
            print(question, ordered(getattr(i, question)(table, schema=schema)))
    attempt(i.get_columns, 'nothing')


@step('reflection')
def _():
    metadata = sqlalchemy.MetaData()
    metadata.reflect(ENGINE)
    for name in sorted(metadata.tables):
        print(name, [(c.name, str(c.type), c.nullable, c.primary_key) for c in metadata.tables[name].columns])
    base = automap.automap_base()
    base.prepare(ENGINE, reflect=True)
    print(sorted(base.classes.keys()))


@step('expressions')
def _():
    metadata = sqlalchemy.MetaData()
    campaigns = sqlalchemy.Table('campaigns', metadata, autoload_with=ENGINE)
    messages = sqlalchemy.Table('messages', metadata, autoload_with=ENGINE)
    with AUTOCOMMIT.connect() as c:
        rows(c.execute(select(campaigns.c.id, campaigns.c.name).where(campaigns.c.status == 'active').order_by(campaigns.c.id)))
        rows(c.execute(select(campaigns.c.id, func.count(messages.c.id)).join(messages, messages.c.campaign_id == campaigns.c.id, isouter=True).group_by(campaigns.c.id).order_by(1)))
        rows(c.execute(select(messages).order_by(messages.c.id).limit(3).offset(2)))
        rows(c.execute(select(messages.c.status, func.sum(messages.c.cost)).where(messages.c.status.in_(['sent', 'failed'])).group_by(messages.c.status).order_by(messages.c.status)))
        rows(c.execute(select(campaigns.c.id).where(campaigns.c.tags.any('tag1'), campaigns.c.settings['cap'].as_integer() > 20).order_by(campaigns.c.id)))
        sub = select(messages.c.campaign_id, func.row_number().over(partition_by=messages.c.channel_id, order_by=messages.c.id).label('n')).subquery()
        rows(c.execute(select(func.sum(sub.c.n))))
        print(c.execute(select(func.max(messages.c.sent_at) > datetime.datetime(2020, 1, 1))).scalar())


@step('text, many rows, streaming')
def _():
    with AUTOCOMMIT.connect() as c:
        rows(c.execute(text('SELECT id FROM campaigns WHERE id = :id'), {'id': 5500001}))
        rows(c.execute(text('SELECT 1 AS a')).mappings())
        print(sum(1 for _ in c.execute(text('SELECT a.id FROM messages a, messages b'))))


@step('a session')
def _():
    Base = declarative_base()

    class Campaign(Base):
        __table__ = sqlalchemy.Table('campaigns', Base.metadata, autoload_with=ENGINE)
    with Session(ENGINE) as session:
        print(session.get(Campaign, 5500001).name, session.query(Campaign).filter(Campaign.name.like('%2')).count())
        with session.begin_nested():
            print(session.query(func.max(Campaign.id)).scalar())
        attempt(session.execute, text('SELECT nothing'))
        session.rollback()
        print(session.query(Campaign).count())


@step('isolation')
def _():
    for level in ('SERIALIZABLE', 'REPEATABLE READ', 'READ UNCOMMITTED', 'AUTOCOMMIT'):
        with ENGINE.connect().execution_options(isolation_level=level) as c:
            print(c.get_isolation_level(), c.execute(text('SHOW transaction_isolation')).scalar())


@step('streaming with a server-side cursor')
def _():
    with ENGINE.connect().execution_options(stream_results=True) as c:
        rows(c.execute(text('SELECT id FROM campaigns ORDER BY id')))


@step('an insert', refused='42501')
def _():
    with Session(ENGINE) as session:
        session.execute(text("INSERT INTO channels SELECT 9, 'x', 0 WHERE false"))
