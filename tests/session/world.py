"""The servers of the session tests: one cluster plays Aurora and holds the catalog, another the warehouse, and a Headgate before
them. Small tables, so that what is asked of them is done at once; what has to take long is made long by the statement."""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster, make_certificate, make_locale  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402
import wire  # noqa: E402

DATABASE = 'analytics'
PASSWORD = 'session-password'
USERS = {'alice': 'acme', 'bob': 'globex', 'carol': 'acme', 'wendy': 'acme', 'clem': 'acme'}
ROLES = {'wendy': 'writer', 'clem': 'clerk'}  # of the others: analyst

SCHEMA = """
CREATE TYPE public.mood AS ENUM ('good', 'bad');
CREATE TABLE public.campaigns (id integer PRIMARY KEY, name text NOT NULL, score text);
CREATE TABLE public.messages (id integer PRIMARY KEY, campaign_id integer, body text, mood public.mood);
CREATE TABLE public.channels (id integer PRIMARY KEY, name text);
CREATE DOMAIN public.grade AS integer CONSTRAINT grade_check CHECK (VALUE > 0);
CREATE TABLE public.customers (id bigint NOT NULL, name text NOT NULL, grade public.grade, code character varying(5), mood public.mood,
    CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, id), CONSTRAINT customers_name_key UNIQUE (tenant_id, name, code),
    CONSTRAINT customers_code_check CHECK (code <> ''));
CREATE TABLE public.orders (id integer PRIMARY KEY, customer_id bigint, total numeric(6,2),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers (tenant_id, id));
CREATE TABLE public.visits (day date PRIMARY KEY, page text NOT NULL);
CREATE TABLE public.audit (tenant_id text NOT NULL, id integer, note text);
"""
PHYSICAL = """
CREATE TYPE public.mood AS ENUM ('good', 'bad');
CREATE TABLE public.campaigns (tenant_id text NOT NULL, id integer, name text NOT NULL, score text, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.messages (tenant_id text NOT NULL, id integer, campaign_id integer, body text, mood public.mood, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.channels (id integer PRIMARY KEY, name text);
CREATE SCHEMA store;
CREATE DOMAIN public.grade AS integer CONSTRAINT grade_check CHECK (VALUE > 0);
CREATE TABLE public.customers (code character varying(5) CONSTRAINT cust_code_given CHECK (code <> ''), tenant_id text NOT NULL,
    internal_score integer DEFAULT 7, mood public.mood, grade public.grade, name text NOT NULL, id bigint NOT NULL,
    CONSTRAINT cust_pk PRIMARY KEY (tenant_id, id), CONSTRAINT cust_name_uq UNIQUE (code, tenant_id, name));
CREATE TABLE store.orders_v2 (total numeric(6,2), tenant_id text NOT NULL, id integer, customer_id bigint, PRIMARY KEY (tenant_id, id),
    CONSTRAINT ord_cust_fk FOREIGN KEY (tenant_id, customer_id) REFERENCES public.customers (tenant_id, id));
CREATE TABLE public.visits (tenant_id text NOT NULL, day date, page text NOT NULL, PRIMARY KEY (tenant_id, day)) PARTITION BY LIST (tenant_id);
CREATE TABLE public.visits_of_acme PARTITION OF public.visits FOR VALUES IN ('acme');
CREATE TABLE public.visits_of_globex PARTITION OF public.visits FOR VALUES IN ('globex');
CREATE TABLE public.audit (tenant_id text NOT NULL, id integer, note text);
INSERT INTO customers (tenant_id, id, name, code) SELECT t, i, t || ' customer ' || i, i FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 5) i;
INSERT INTO store.orders_v2 (tenant_id, id, customer_id) SELECT t, i, i FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 3) i;
INSERT INTO visits SELECT t, '2026-01-01', t || ' page' FROM unnest(ARRAY['acme', 'globex']) t;
INSERT INTO channels VALUES (1, 'sms'), (2, 'email');
INSERT INTO campaigns SELECT t, i, t || ' campaign ' || i, CASE WHEN i = 7 THEN 'secret of ' || t ELSE i::text END
    FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 10) i;
INSERT INTO messages SELECT t, i, i % 10 + 1, t || ' message ' || i, 'good' FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 1000) i;
"""
PRIVATE_ROWS = """
INSERT INTO customers (id, name, code) SELECT i, 'acme customer ' || i, i FROM generate_series(1, 5) i;
INSERT INTO orders (id, customer_id) SELECT i, i FROM generate_series(1, 3) i;
INSERT INTO visits VALUES ('2026-01-01', 'acme page');
INSERT INTO channels VALUES (1, 'sms'), (2, 'email');
INSERT INTO campaigns SELECT i, 'acme campaign ' || i, CASE WHEN i = 7 THEN 'secret of acme' ELSE i::text END FROM generate_series(1, 10) i;
INSERT INTO messages SELECT i, i % 10 + 1, 'acme message ' || i, 'good' FROM generate_series(1, 1000) i;
"""
POLICY = """
database: {database}
schema: schema.sql
tenant_column: tenant_id
tables:
  public.campaigns: {{backends: [aurora, redshift]}}
  public.messages: {{backends: [redshift]}}
  public.channels: {{backends: [aurora], shared: true}}
  public.customers: {{backends: [aurora]}}
  public.orders: {{backends: [aurora], physical: store.orders_v2}}
  public.visits: {{backends: [aurora]}}
  public.audit: {{backends: [aurora]}}
roles:
  analyst: {{read: [public.*], explain_rewrite: true{columns}}}
  writer: {{read: [public.*], write: [public.customers, public.orders, public.visits, public.audit]}}
  clerk:
    read: [public.customers]
    write: [public.customers]
    columns: {{public.customers.code: {{hide: true}}, public.customers.name: {{mask: "left(name, 4)"}}}}
tenants:
  acme: {{value: acme}}
  globex: {{value: globex}}
users:
"""


class World(Place):
    """aurora, warehouse: clusters; headgate; port."""

    def __init__(self, binary, tls=False):
        super().__init__('session')
        self.binary, self.tls = binary, tls
        make_locale(self.path('locales'), 'de_DE.UTF-8')
        self.aurora, self.warehouse = Cluster('aurora', locales=self.path('locales')), Cluster('warehouse')  # which does not know it
        self.headgate = self.config = None
        self.bad_ends = 0
        self.has_private = False
        self.port = free_port()
        self.verifiers = {user: verifier(binary, PASSWORD) for user in USERS}

    def make(self):
        for cluster in (self.aurora, self.warehouse):
            cluster.start()
            cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % PASSWORD)
            cluster.sql('CREATE DATABASE data OWNER headgate')
            cluster.sql('CREATE DOMAIN skipped_a AS text; CREATE DOMAIN skipped_b AS text;', database='data')  # other numbers than in the catalog
            cluster.sql('SET ROLE headgate;' + PHYSICAL, database='data')
        self.aurora.sql("CREATE ROLE headgate_catalog LOGIN CREATEDB PASSWORD '%s'" % PASSWORD)
        self.aurora.sql('CREATE DATABASE %s OWNER headgate_catalog' % DATABASE)
        self.write_policy()
        self.write_schema()
        self.write_config()
        if self.tls:
            make_certificate(self.path('server.crt'), self.path('server.key'))
        Headgate(self.binary, self.path('headgate.yaml'), self.port, {'HG_TEST_PASSWORD': PASSWORD}).catalog()
        self.start()

    def __exit__(self, *_):
        status = self.headgate.stop() or self.bad_ends if self.headgate else 0
        self.aurora.stop()
        self.warehouse.stop()
        self.remove()
        self.status = status

    def write_schema(self):
        self.write('schema.sql', SCHEMA)

    def write_policy(self, users=None, columns='', broken='', role=''):
        text = POLICY.format(database=DATABASE, columns=(', columns: {%s}' % columns if columns else '') + (', ' + role if role else ''))
        for user, tenant in (USERS if users is None else users).items():
            text += '  %s: {tenant: %s, role: %s, password: "%s"}\n' % (user, tenant, ROLES.get(user, 'analyst'), self.verifiers[user])
        self.write('policy.yaml', text + broken)

    def write_config(self, limits='', workers=2, pool=8, backend='', catalog_pool=None, redshift_port=None, dialect='postgresql'):
        common = 'host: 127.0.0.1, password_env: HG_TEST_PASSWORD, queue_timeout: 5s%s' % (', ' + backend if backend else '')
        text = 'listen: 127.0.0.1:%d\npolicy: policy.yaml\nworkers: %d\n' % (self.port, workers)
        if self.tls:
            text += 'tls: {mode: prefer, certificate: server.crt, key: server.key}\n'
        text += 'backends:\n'
        for name, port, database, user, size in (('aurora', self.aurora.port, 'data', 'headgate', pool),
                                                 ('redshift', redshift_port or self.warehouse.port, 'data', 'headgate', pool),
                                                 ('catalog', self.aurora.port, DATABASE, 'headgate_catalog', catalog_pool or pool)):
            text += '  %s: {dialect: %s, port: %d, database: %s, user: %s, pool_size: %d, %s}\n' % (
                name, dialect if name == 'redshift' else 'postgresql', port, database, user, size, common)
        self.write('headgate.yaml', text + ('limits: {%s}\n' % limits if limits else ''))
        self.config = dict(limits=limits, workers=workers, pool=pool, backend=backend, catalog_pool=catalog_pool,
                           redshift_port=redshift_port, dialect=dialect)

    def configure(self, **config):
        """Restarts the proxy when it does not run with this configuration."""
        wanted = dict(dict(limits='', workers=2, pool=8, backend='', catalog_pool=None, redshift_port=None, dialect='postgresql'),
                      **config)
        if wanted != self.config or not self.headgate.alive():
            status = self.headgate.stop()
            if status not in (0, None):
                self.bad_ends += 1
            self.write_config(**wanted)
            self.start()

    def start(self):
        self.headgate = Headgate(self.binary, self.path('headgate.yaml'), self.port, {'HG_TEST_PASSWORD': PASSWORD})
        self.headgate.start()

    def check(self):
        """After a test: the proxy lives and serves."""
        assert self.headgate.alive(), 'the proxy ended: ' + self.headgate.output()[-2000:]
        with self.connect() as w:
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]

    def repair(self):
        """After a failed test: as new."""
        if self.headgate.alive():
            self.headgate.process.kill()
            self.headgate.process.wait()
            self.headgate.process = None
        else:
            print(self.headgate.output()[-3000:])
        for cluster in (self.aurora, self.warehouse):
            if not cluster.running():
                cluster.start()
        self.write_policy()
        self.config = None

    def connect(self, user='alice', **options):
        return wire.connect('127.0.0.1', self.port, user, PASSWORD, DATABASE, **options)

    def private(self):
        """To a database of its own that holds what alice sees."""
        if not self.has_private:
            self.aurora.sql('CREATE DATABASE private OWNER headgate')
            self.aurora.sql('SET ROLE headgate;' + SCHEMA.replace('(tenant_id, ', '(') + PRIVATE_ROWS,
                            database='private')
            self.has_private = True
        return wire.connect('127.0.0.1', self.aurora.port, 'headgate', PASSWORD, 'private')

    def reload(self, good=True):
        """SIGHUP, and what the log then says."""
        seen = len(self.headgate.output())
        self.headgate.signal(1)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            log = self.headgate.output()[seen:]
            if 'reloaded' in log or 'reload of' in log:
                assert ('reloaded' in log) == good, log
                return log
            time.sleep(0.02)
        raise AssertionError('no reload')

    def servers(self, cluster):
        """pids of the server connections that the proxy has there."""
        rows = cluster.sql("SELECT pid FROM pg_stat_activity WHERE usename LIKE 'headgate%'")
        return [int(row) for row in rows.split()]

    @staticmethod
    def connections(cluster):
        """What anybody holds open to it, by the kernel's word."""
        return subprocess.run(['ss', '-Htn', 'dport = :%d' % cluster.port], capture_output=True, text=True, check=True).stdout

    def running(self, part, cluster=None):
        """How many statements with this in their text run there (default: in the warehouse)?"""
        busy = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'headgate%%' AND state = 'active' AND strpos(query, '%s') > 0" % part.replace("'", "''")
        return int((cluster or self.warehouse).sql(busy))

    def resident(self):
        """Bytes of memory that the proxy has."""
        with open('/proc/%d/statm' % self.headgate.process.pid, encoding='ascii') as file:
            return int(file.read().split()[1]) * 4096

    def until(self, what, seconds=40):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, 'it does not happen'
            time.sleep(0.02)

    def dsn(self, user='alice', **more):
        settings = dict(host='127.0.0.1', port=self.port, dbname=DATABASE, user=user, password=PASSWORD, sslmode='disable')
        settings.update(more)
        return ' '.join("%s='%s'" % item for item in settings.items())


def configured(**config):
    def decorate(function):
        function.config = config
        return function
    return decorate


def slow(function):
    function.slow = True
    return function
