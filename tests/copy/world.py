"""The servers of the COPY tests: one cluster with the shared database, the catalog, and a private database; a Headgate before the first two.

The tenants' values are chosen to be in the way: of delimiters, quotes, the string for NULL, each other."""
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402
import wire  # noqa: E402

DATABASE, PASSWORD = 'analytics', 'copy-password'
# Under AddressSanitizer, freed memory is kept for a while; tests that measure memory want it back.
ENVIRONMENT = {'HG_TEST_PASSWORD': PASSWORD, 'ASAN_OPTIONS': 'quarantine_size_mb=8:' + os.environ.get('ASAN_OPTIONS', '')}
TENANTS = {'acme': 'acme', 'sign': 'a,b|c;N.~', 'letter': 'N', 'dot': '.', 'accent': 'été', 'space': ' x '}

# name, logical columns, does the schema declare the tenant's column
TABLES = {
    'items': 'a text, b text, c integer',
    'one': 'a text',
    'owned': 'a text, tenant_id text NOT NULL, b text',
    'odd': '"A ""b"",c" text, "select" integer, "été" text',
    'typed': 'id integer PRIMARY KEY, day date NOT NULL, amount numeric(10,2) CHECK (amount >= 0), tags text[], doc jsonb, flag boolean DEFAULT true',
    'masked': 'id integer, phone text, secret text',
}
DECLARED = ('owned',)
POLICY = """
database: {database}
schema: schema.sql
tenant_column: tenant_id
tables:
  public.items: {{backends: [aurora], physical: store.items_all}}
  public.one: {{backends: [aurora]}}
  public.owned: {{backends: [aurora]}}
  public.odd: {{backends: [aurora], tenant_column: 'the "tenant", id'}}
  public.typed: {{backends: [aurora]}}
  public.masked: {{backends: [aurora]}}
  public.fixed: {{backends: [aurora], shared: true}}
roles:
  writer:
    read: [public.*]
    write: [public.items, public.one, public.owned, public.odd, public.typed]
  reader: {{read: [public.*], write: []}}
  masked:
    read: [public.*]
    write: [public.masked]
    columns:
      public.masked.phone: {{mask: "'***'"}}
      public.masked.secret: {{hide: true}}
  regional:
    read: [public.*]
    write: [public.items]
    rows: {{public.items: "c > 0"}}
  silent: {{read: [public.*], write: [public.items], statements: [select, insert]}}
tenants:
"""
ROLES = {'reader': 'reader', 'masked': 'masked', 'regional': 'regional', 'silent': 'silent'}


def physical(name, columns):
    tenant = '"the ""tenant"", id"' if name == 'odd' else 'tenant_id'
    table = 'store.items_all' if name == 'items' else 'public.' + name
    columns = columns.replace('id integer PRIMARY KEY', 'id integer')
    key = ', PRIMARY KEY (tenant_id, id)' if name == 'typed' else ''
    return 'CREATE TABLE %s (%s%s%s);\n' % (table, columns, '' if name in DECLARED else ', %s text NOT NULL' % tenant, key)


class World(Place):
    """cluster; headgate; port. connect() is a wire to Headgate, private() one to the private database."""

    password = PASSWORD

    def __init__(self, binary):
        super().__init__('copy')
        self.binary = binary
        self.cluster, self.port, self.headgate = Cluster('copy'), free_port(), None

    def __exit__(self, *_):
        self.status = self.headgate.stop() if self.headgate else 0
        self.cluster.stop()
        self.remove()

    def make(self):
        self.cluster.start()
        for role in ('headgate', 'headgate_catalog', 'owner'):
            self.cluster.sql("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'" % (role, PASSWORD))
        for database, owner in (('data', 'headgate'), (DATABASE, 'headgate_catalog'), ('private', 'owner')):
            self.cluster.sql('CREATE DATABASE %s OWNER %s' % (database, owner))
        logical = ''.join('CREATE TABLE public.%s (%s);\n' % table for table in TABLES.items()) + 'CREATE TABLE public.fixed (a text);\n'
        self.cluster.sql('SET ROLE headgate; CREATE SCHEMA store;' + ''.join(physical(*table) for table in TABLES.items()) +
                         "CREATE TABLE public.fixed (a text); INSERT INTO store.items_all VALUES ('others', 'row', 1, 'globex');"
                         "INSERT INTO one VALUES ('others', 'globex'); INSERT INTO masked VALUES (1, '12345', 'hidden', 'acme');", database='data')
        self.cluster.sql('SET ROLE owner;' + logical, database='private')
        self.write('schema.sql', logical)
        password = verifier(self.binary, PASSWORD)
        policy = POLICY.format(database=DATABASE) + ''.join('  %s: {value: %r}\n' % tenant for tenant in TENANTS.items()) + '  globex: {value: globex}\nusers:\n'
        for user, tenant, role in [(t, t, 'writer') for t in TENANTS] + [('globex', 'globex', 'writer')] + [(r, 'acme', r) for r in ROLES]:
            policy += '  %s: {tenant: %s, role: %s, password: "%s"}\n' % (user, tenant, role, password)
        self.write('policy.yaml', policy)
        common = 'dialect: postgresql, host: 127.0.0.1, port: %d, password_env: HG_TEST_PASSWORD, pool_size: 8' % self.cluster.port
        self.config = ('listen: 127.0.0.1:%%d\npolicy: policy.yaml\nworkers: 2\nbackends:\n'
                       '  aurora: {%s, database: data, user: headgate}\n  catalog: {%s, database: %s, user: headgate_catalog}\n'
                       % (common, common, DATABASE))
        config = self.write('headgate.yaml', self.config % self.port)
        self.headgate = Headgate(self.binary, config, self.port, ENVIRONMENT)
        self.headgate.catalog()
        self.headgate.start()

    @contextlib.contextmanager
    def another(self, settings):
        """The port of another Headgate, with these settings besides."""
        port = free_port()
        headgate = Headgate(self.binary, self.write('another.yaml', self.config % port + settings), port, ENVIRONMENT)
        headgate.start()
        try:
            yield port
        finally:
            status = headgate.stop()
        assert not status, headgate.output()[-3000:]

    def connect(self, user='acme', **options):
        return wire.connect('127.0.0.1', self.port, user, PASSWORD, DATABASE, **options)

    def private(self):
        return wire.connect('127.0.0.1', self.cluster.port, 'owner', PASSWORD, 'private')

    def shared(self, sql):
        return self.cluster.sql(sql, database='data')
