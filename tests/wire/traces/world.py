"""The servers of the traces: one cluster with the shared database, the catalog, and a private database; a Headgate before the first two.

The private database has the tables of schema.sql and one tenant's rows; the shared one those of all. reset() makes all rows what they were."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), 'support'))
from cluster import Cluster  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402
import wire  # noqa: E402

DATABASE, USER, PASSWORD = 'analytics', 'acme', 'trace-password'
TYPES = "CREATE TYPE public.color AS ENUM ('red', 'green', 'blue');\n"
# name, columns, the key
TABLES = (
    ('items', 'id integer, name varchar(20), price numeric(8,2), color public.color', 'id'),
    ('notes', 'id integer NOT NULL, body text', None),
    ('numbers', 'n integer', 'n'),
)
ROWS = {
    'items': "(1, 'anvil', 10.50, 'red'), (2, 'bolt', 0.25, 'green'), (3, 'crate', NULL, 'blue'), (4, 'größe', 3, NULL)",
    'numbers': ', '.join('(%d)' % n for n in range(1, 101)),
}
FOREIGN = {'items': "(1, 'theirs', 1, 'red'), (9, 'theirs', 1, 'red')", 'notes': "(1, 'theirs')", 'numbers': '(1), (500)'}
POLICY = """
database: %s
schema: schema.sql
tenant_column: tenant_id
tables:
  public.items: {backends: [aurora]}
  public.notes: {backends: [aurora]}
  public.numbers: {backends: [aurora]}
roles:
  writer: {read: [public.*], write: [public.items, public.notes, public.numbers]}
tenants:
  acme: {value: acme}
users:
  acme: {tenant: acme, role: writer, password: "%s"}
"""


def logical():
    return TYPES + ''.join('CREATE TABLE public.%s (%s%s);\n' % (name, columns, ', PRIMARY KEY (%s)' % key if key else '')
                           for name, columns, key in TABLES)


def physical():
    return TYPES + ''.join("CREATE TABLE public.%s (tenant_id text NOT NULL, %s%s);\n"
                           % (name, columns, ', CONSTRAINT %s_pkey PRIMARY KEY (tenant_id, %s)' % (name, key) if key else '')
                           for name, columns, key in TABLES)


def with_tenant(rows, tenant):
    return rows if tenant is None else rows.replace('(', "('%s', " % tenant)


def filling(tenant):
    """Empties the tables and fills them: with one tenant's rows, or, for None, with those of a private database."""
    text = 'TRUNCATE public.items, public.notes, public.numbers;'
    for name, rows in ROWS.items():
        text += 'INSERT INTO public.%s VALUES %s;' % (name, with_tenant(rows, tenant))
    if tenant is not None:
        for name, rows in FOREIGN.items():
            text += 'INSERT INTO public.%s VALUES %s;' % (name, with_tenant(rows, 'globex'))
    return text


class World(Place):
    """connect(side) gives a connection that is logged in; a side is `postgres` or `headgate`."""

    def __init__(self, binary):
        super().__init__('traces')
        self.binary = binary
        self.cluster, self.port, self.headgate = Cluster('traces'), free_port(), None
        self.administrators = []
        self.status = None

    def __exit__(self, *_):
        for connection in self.administrators:
            connection.end()
        self.status = self.headgate.stop() if self.headgate else 0
        self.cluster.stop()
        self.remove()

    def make(self):
        self.cluster.start()
        for role in ('headgate', 'headgate_catalog', USER):
            self.cluster.sql("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'" % (role, PASSWORD))
        for database, owner, schema in (('data', 'headgate', physical()), (DATABASE, 'headgate_catalog', ''), ('private', USER, logical())):
            self.cluster.sql('CREATE DATABASE %s OWNER %s' % (database, owner))
            self.cluster.sql('SET ROLE %s;' % owner + schema, database=database)
        for database in ('data', 'private'):
            self.administrators.append(wire.connect('127.0.0.1', self.cluster.port, 'postgres', self.cluster.password, database))
        self.reset()
        self.write('schema.sql', logical())
        self.write('policy.yaml', POLICY % (DATABASE, verifier(self.binary, PASSWORD)))
        backend = '{dialect: postgresql, host: 127.0.0.1, port: %d, password_env: HG_TEST_PASSWORD, pool_size: 8, database: %s, user: %s}'
        config = self.write('headgate.yaml', 'listen: 127.0.0.1:%d\npolicy: policy.yaml\nworkers: 2\nbackends:\n  aurora: %s\n  catalog: %s\n' % (
            self.port, backend % (self.cluster.port, 'data', 'headgate'), backend % (self.cluster.port, DATABASE, 'headgate_catalog')))
        self.headgate = Headgate(self.binary, config, self.port, {'HG_TEST_PASSWORD': PASSWORD})
        self.headgate.catalog()
        self.headgate.start()

    def reset(self):
        for connection, tenant in zip(self.administrators, ('acme', None)):
            result = connection.simple(filling(tenant), timeout=30)
            assert not result.error, result.error

    def where(self, side):
        return ('127.0.0.1', self.cluster.port, 'private') if side == 'postgres' else ('127.0.0.1', self.port, DATABASE)

    def login(self, side, connection, settings):
        """What follows AuthenticationOk."""
        messages = connection.login(USER, PASSWORD, self.where(side)[2], settings)
        last = max(at for at, (kind, _) in enumerate(messages) if kind == 'R')
        return messages[last + 1:]

    def connect(self, side, **options):
        host, port, database = self.where(side)
        return wire.connect(host, port, USER, PASSWORD, database, **options)
