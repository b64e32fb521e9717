"""The world of the console's tests: one cluster that plays all backends, a Headgate before it, administrators of every role, and the
console by TCP and by its Unix socket."""
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster, make_certificate  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402
import wire  # noqa: E402

DATABASE, CONSOLE, PASSWORD = 'analytics', 'headgate', 'console-password'
ADMINS = {'root': 'admin', 'oscar': 'operator', 'vera': 'viewer', 'alice': 'viewer'}  # alice is a tenant's user as well
USERS = {'alice': 'acme', 'bob': 'globex', 'carol': 'acme'}

SCHEMA = 'CREATE TABLE public.campaigns (id integer PRIMARY KEY, name text NOT NULL);\n'
PHYSICAL = """
CREATE TABLE public.campaigns (tenant_id text NOT NULL, id integer, name text NOT NULL, PRIMARY KEY (tenant_id, id));
INSERT INTO campaigns SELECT t, i, t || ' campaign ' || i FROM unnest(ARRAY['acme', 'globex']) t, generate_series(1, 10) i;
"""
POLICY = """
database: analytics
schema: schema.sql
tenant_column: tenant_id
tables:
  public.campaigns: {backends: [aurora, redshift]}
roles:
  analyst: {read: [public.*]}
tenants:
  acme: {value: acme-value}
  globex: {value: globex}
users:
"""


class World(Place):
    """cluster; headgate; port."""

    def __init__(self, binary):
        super().__init__('console')
        self.binary = binary
        self.cluster = Cluster('console')
        self.port, self.headgate, self.bad_ends, self.status = free_port(), None, 0, 0
        self.verifier = verifier(binary, PASSWORD)

    def make(self):
        self.cluster.start()
        self.cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % PASSWORD)
        self.cluster.sql('CREATE DATABASE data OWNER headgate')
        self.cluster.sql('SET ROLE headgate;' + PHYSICAL.replace("'acme'", "'acme-value'"), database='data')
        self.cluster.sql("CREATE ROLE headgate_catalog LOGIN CREATEDB PASSWORD '%s'" % PASSWORD)
        self.cluster.sql('CREATE DATABASE %s OWNER headgate_catalog' % DATABASE)
        make_certificate(self.path('server.crt'), self.path('server.key'))
        self.write('schema.sql', SCHEMA)
        self.write_policy()
        self.write_config()
        self.new().catalog()
        self.start()

    def __exit__(self, *_):
        self.stop()
        self.cluster.stop()
        self.remove()
        self.status = self.bad_ends

    def write_policy(self, users=None, more=''):
        self.write('policy.yaml', POLICY + ''.join('  %s: {tenant: %s, role: analyst, password: "%s"}\n' % (user, tenant, self.verifier)
                                                   for user, tenant in (users or USERS).items()) + more)

    def write_config(self, admins=None, most=100, backend='', workers=2, limits='', pool=4, queue='4s', walls='off', more=''):
        common = 'dialect: postgresql, host: 127.0.0.1, port: %d, password_env: HG_TEST_PASSWORD, pool_size: %d, queue_timeout: %s%s' % (
            self.cluster.port, pool, queue, ', ' + backend if backend else '')
        text = 'listen: 127.0.0.1:%d\ntls: {mode: prefer, certificate: server.crt, key: server.key}\n' % self.port
        text += 'policy: policy.yaml\nworkers: %d\nwalls: %s\nbackends:\n' % (workers, walls)
        text += '  aurora: {database: data, user: headgate, %s}\n' % common
        text += '  redshift: {database: data, user: headgate, %s}\n' % common
        text += '  catalog: {database: %s, user: headgate_catalog, %s}\n' % (DATABASE, common)
        text += 'admin:\n  socket: .\n  max_connections: %d\n  users:\n' % most
        for name, role in (ADMINS if admins is None else admins).items():
            text += '    %s: {role: %s, password: "%s"}\n' % (name, role, self.verifier)
        if limits:
            text += 'limits: {%s}\n' % limits
        self.write('headgate.yaml', text + more)

    def new(self):
        return Headgate(self.binary, self.path('headgate.yaml'), self.port, {'HG_TEST_PASSWORD': PASSWORD})

    def start(self):
        self.headgate = self.new()
        self.headgate.start()

    def stop(self):
        if self.headgate and self.headgate.stop() not in (0, None):
            self.bad_ends += 1

    def reset(self):
        """As at the beginning, for the next test."""
        if not self.cluster.running():
            self.cluster.start()
        self.write_policy()
        self.write_config()
        if not self.headgate or not self.headgate.alive():
            self.stop()
            self.start()
            return
        with self.local() as w:
            assert w.simple('RELOAD').error is None
            w.simple('RESUME ALL')

    def kill(self):
        """After a failed test: whatever state it is in, away with it."""
        if self.headgate and self.headgate.alive():
            self.headgate.process.kill()
            self.headgate.process.wait()
            self.headgate.process = None

    def console(self, user='root', **options):
        return wire.connect('127.0.0.1', self.port, user, PASSWORD, CONSOLE, **options)

    def tenant(self, user='alice', **options):
        return wire.connect('127.0.0.1', self.port, user, PASSWORD, DATABASE, **options)

    def local(self, user='anybody', database=CONSOLE):
        w = wire.Wire('127.0.0.1', self.port)
        w.sock.close()
        import socket
        w.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        w.sock.settimeout(wire.PATIENCE)
        w.sock.connect(self.path('.s.PGSQL.%d' % self.port))
        w.login(user, '', database)
        return w

    def until(self, what, seconds=40):
        end = time.time() + seconds
        while not what():
            assert time.time() < end, 'it does not happen'
            time.sleep(0.03)
