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


@step('reflection of every schema')
def _():
    for schema in inspect(ENGINE).get_schema_names():
        if schema == 'information_schema' or schema in ('shop', 'books'):  # identities and checks of these are not in the catalog
            continue
        metadata = sqlalchemy.MetaData(schema=schema)
        metadata.reflect(ENGINE, views=True)
        for table in sorted(metadata.tables.values(), key=str):
            print(table, [repr(c) for c in table.columns], sorted(str(i.columns.keys()) for i in table.indexes), table.comment)
    metadata = sqlalchemy.MetaData()
    metadata.reflect(ENGINE, schema='shop', only=lambda name, _: name in ('refunds', 'payments', 'customers'))
    for table in sorted(metadata.tables.values(), key=str):
        print(table, [(c.name, str(c.type), c.nullable, str(c.server_default and c.server_default.arg)) for c in table.columns], sorted((str(f.target_fullname), str(f.parent)) for f in table.foreign_keys))


@step('views and definitions of the catalog')
def _():
    i = inspect(ENGINE)
    print(i.get_view_definition('tables', schema='information_schema') is not None, sorted(i.get_table_names(schema='pg_catalog'))[:10])
    attempt(i.get_view_definition, 'nothing')
    print(i.get_sequence_names(schema='crm'), i.get_enums(schema='*') == i.get_enums(schema='public') + [e for e in i.get_enums(schema='*') if e['schema'] != 'public'])


@step('joins, unions, windows, CTEs')
def _():
    metadata = sqlalchemy.MetaData()
    c, m = (sqlalchemy.Table(name, metadata, autoload_with=ENGINE) for name in ('campaigns', 'messages'))
    day = sqlalchemy.Table('daily_metrics', metadata, autoload_with=ENGINE, schema='materialized')
    with AUTOCOMMIT.connect() as connection:
        def ask(query):
            rows(connection.execute(query))
        ask(select(c.c.name, m.c.subject).join_from(c, m, c.c.id == m.c.campaign_id).where(m.c.cost > 0).order_by(m.c.id).limit(4))
        ask(select(c.c.id, func.sum(day.c.spend)).join(day, day.c.campaign_id == c.c.id, full=True).group_by(c.c.id).order_by(c.c.id))
        ask(select(c.c.id).union_all(select(m.c.campaign_id)).order_by(sqlalchemy.desc('id')).limit(5))
        ask(select(c.c.id).except_(select(m.c.campaign_id)).order_by('id'))
        w = select(c.c.id, func.rank().over(order_by=c.c.budget.desc(), partition_by=c.c.status).label('r')).cte('w')
        ask(select(w).where(w.c.r == 1).order_by(w.c.id))
        ask(select(sqlalchemy.exists().where(m.c.campaign_id == c.c.id), c.c.id).order_by(c.c.id))
        ask(select(func.count().filter(m.c.status == 'sent'), func.array_agg(sqlalchemy.distinct(m.c.channel_id))))
        ask(select(sqlalchemy.case((c.c.budget > 1000, 'much'), else_='little'), sqlalchemy.cast(c.c.id, sqlalchemy.Text), func.coalesce(c.c.status, '-')).order_by(c.c.id))
        lateral = select(m.c.id).where(m.c.campaign_id == c.c.id).order_by(m.c.id).limit(1).lateral('l')
        ask(select(c.c.id, lateral.c.id).join(lateral, sqlalchemy.true()).order_by(c.c.id))
        ask(select(func.generate_series(1, 3).alias('g').column))
        ask(sqlalchemy.values(sqlalchemy.column('a', sqlalchemy.Integer), name='v').data([(1,), (2,)]).select() if hasattr(sqlalchemy, 'values') else select(1))
        ask(select(c.c.id).where(c.c.name.regexp_match('campaign [1-3]$')).order_by(c.c.id))
        ask(select(m.c.metadata['k'].astext).order_by(m.c.id).limit(2))
        ask(select(c.c.id).where(c.c.tags.contains(['tag1'])).order_by(c.c.id))
        ask(select(c.c.id).order_by(c.c.id.desc().nulls_last()).limit(1))


@step('a transaction with nested ones')
def _():
    with ENGINE.connect() as connection:
        with connection.begin():
            print(connection.execute(text('SELECT count(*) FROM campaigns')).scalar())
            nested = connection.begin_nested()
            attempt(connection.execute, text('SELECT 1/0'))
            nested.rollback()
            print(connection.execute(text('SELECT count(*) FROM contacts')).scalar())
        attempt(connection.execute, text('SELECT nothing FROM campaigns'))
        connection.rollback()
        print(connection.execute(text('SELECT 1')).scalar(), connection.invalidated, connection.closed)
