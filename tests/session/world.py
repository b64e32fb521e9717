"""The servers of the session tests: one cluster plays Aurora and holds the catalog, another the warehouse, and a Headgate before
them. Small tables, so that what is asked of them is done at once; what has to take long is made long by the statement."""
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster, make_certificate  # noqa: E402
from headgate import Headgate, free_port, verifier  # noqa: E402

DATABASE = 'analytics'
PASSWORD = 'session-password'
USERS = {'alice': 'acme', 'bob': 'globex', 'carol': 'acme'}

SCHEMA = """
CREATE TABLE public.campaigns (id integer PRIMARY KEY, name text NOT NULL, score text);
CREATE TABLE public.messages (id integer PRIMARY KEY, campaign_id integer, body text);
CREATE TABLE public.channels (id integer PRIMARY KEY, name text);
"""
PHYSICAL = """
CREATE TABLE public.campaigns (tenant_id text NOT NULL, id integer, name text NOT NULL, score text, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.messages (tenant_id text NOT NULL, id integer, campaign_id integer, body text, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.channels (id integer PRIMARY KEY, name text);
INSERT INTO channels VALUES (1, 'sms'), (2, 'email');
INSERT INTO campaigns SELECT t, i, t || ' campaign ' || i, CASE WHEN i = 7 THEN 'secret of ' || t ELSE i::text END
    FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 10) i;
INSERT INTO messages SELECT t, i, i % 10 + 1, t || ' message ' || i FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 1000) i;
"""
POLICY = """
database: {database}
schema: schema.sql
tenant_column: tenant_id
tables:
  public.campaigns: {{backends: [aurora, redshift]}}
  public.messages: {{backends: [redshift]}}
  public.channels: {{backends: [aurora], shared: true}}
roles:
  analyst: {{read: [public.*]{columns}}}
tenants:
  acme: {{value: acme}}
  globex: {{value: globex}}
users:
"""


class World:
    """aurora, warehouse: clusters; headgate; port."""

    def __init__(self, binary, tls=False):
        self.binary, self.tls = binary, tls
        self.directory = tempfile.mkdtemp(prefix='headgate-session-')
        self.aurora, self.warehouse = Cluster('aurora'), Cluster('warehouse')
        self.headgate = None
        self.port = free_port()
        self.verifiers = {user: verifier(binary, PASSWORD) for user in USERS}

    def __enter__(self):
        try:
            for cluster in (self.aurora, self.warehouse):
                cluster.start()
                cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % PASSWORD)
                cluster.sql('CREATE DATABASE data OWNER headgate')
                cluster.sql('SET ROLE headgate;' + PHYSICAL, database='data')
            self.aurora.sql("CREATE ROLE headgate_catalog LOGIN PASSWORD '%s'" % PASSWORD)
            self.aurora.sql('CREATE DATABASE %s OWNER headgate_catalog' % DATABASE)
            self.write_policy()
            self.write_schema()
            self.write_config()
            if self.tls:
                make_certificate(self.path('server.crt'), self.path('server.key'))
            self.headgate = Headgate(self.binary, self.path('headgate.yaml'), self.port, {'HG_TEST_PASSWORD': PASSWORD})
            self.headgate.catalog()
            self.headgate.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        status = self.headgate.stop() if self.headgate else 0
        self.aurora.stop()
        self.warehouse.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        self.status = status

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf8') as file:
            file.write(text)

    def write_schema(self):
        self.write('schema.sql', SCHEMA)

    def write_policy(self, users=None, columns='', broken=''):
        text = POLICY.format(database=DATABASE, columns=', columns: {%s}' % columns if columns else '')
        for user, tenant in (USERS if users is None else users).items():
            text += '  %s: {tenant: %s, role: analyst, password: "%s"}\n' % (user, tenant, self.verifiers[user])
        self.write('policy.yaml', text + broken)

    def write_config(self, limits='', workers=2, pool=8, backend=''):
        common = 'host: 127.0.0.1, password_env: HG_TEST_PASSWORD, pool_size: %d, queue_timeout: 3s%s' % (pool, backend)
        text = 'listen: 127.0.0.1:%d\npolicy: policy.yaml\nworkers: %d\n' % (self.port, workers)
        if self.tls:
            text += 'tls: {mode: prefer, certificate: server.crt, key: server.key}\n'
        text += 'backends:\n'
        text += '  aurora: {dialect: postgresql, port: %d, database: data, user: headgate, %s}\n' % (self.aurora.port, common)
        text += '  redshift: {dialect: postgresql, port: %d, database: data, user: headgate, %s}\n' % (self.warehouse.port, common)
        text += '  catalog: {dialect: postgresql, port: %d, database: %s, user: headgate_catalog, %s}\n' % (self.aurora.port, DATABASE, common)
        self.write('headgate.yaml', text + ('limits: {%s}\n' % limits if limits else ''))

    def dsn(self, user='alice', **more):
        settings = dict(host='127.0.0.1', port=self.port, dbname=DATABASE, user=user, password=PASSWORD, sslmode='disable')
        settings.update(more)
        return ' '.join("%s='%s'" % item for item in settings.items())
