"""The world of the operators' tests: a cluster that is killed and cut off (`aurora`), one that nothing happens to (`steady`: the second
data backend and the catalog), a Headgate with console, metrics and TLS before them, many tenants, and a policy of which each
generation can be told from every reply."""
import hashlib
import http.client
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster, make_certificate  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402
import wire  # noqa: E402

DATABASE, PASSWORD, TENANTS, TICKS = 'analytics', 'operating', 20, 400

SCHEMA = """
CREATE TABLE public.items (id integer PRIMARY KEY, name text NOT NULL, note text, score integer);
CREATE TABLE public.labels (id integer PRIMARY KEY, item_id integer, name text);
CREATE TABLE public.ticks (id integer PRIMARY KEY);
CREATE TABLE public.ledger (id integer NOT NULL, note text, CONSTRAINT ledger_pkey PRIMARY KEY (tenant_id, id));
CREATE TABLE public.events (id integer PRIMARY KEY, body text);
CREATE TABLE public.far (id integer PRIMARY KEY, body text);
"""
PHYSICAL = """
CREATE TABLE items (tenant_id text NOT NULL, id integer, name text NOT NULL, note text, score integer, PRIMARY KEY (tenant_id, id));
CREATE TABLE labels (tenant_id text NOT NULL, id integer, item_id integer, name text, PRIMARY KEY (tenant_id, id));
CREATE TABLE ticks (tenant_id text NOT NULL, id integer, PRIMARY KEY (tenant_id, id));
CREATE TABLE ledger (tenant_id text NOT NULL, id integer NOT NULL, note text, PRIMARY KEY (tenant_id, id));
CREATE TABLE events (tenant_id text NOT NULL, id integer, body text, PRIMARY KEY (tenant_id, id));
CREATE TABLE far (tenant_id text NOT NULL, id integer, body text, PRIMARY KEY (tenant_id, id));
CREATE TEMPORARY VIEW tenants AS SELECT to_char(n, 'FM"t"00') AS t FROM generate_series(0, {tenants} - 1) n;
INSERT INTO items SELECT t, i, t || ' item ' || i, t || ' note', i FROM tenants, generate_series(1, 50) i;
INSERT INTO labels SELECT t, i, i, t || ' label ' || i FROM tenants, generate_series(1, 50) i;
INSERT INTO ticks SELECT t, i FROM tenants, generate_series(1, {ticks}) i;
INSERT INTO events SELECT t, i, t || ' event ' || i FROM tenants, generate_series(1, 100) i;
INSERT INTO far SELECT t, i, t || ' far ' || i FROM tenants, generate_series(1, 100) i;
ANALYZE;
""".replace('{tenants}', str(TENANTS)).replace('{ticks}', str(TICKS))
# The role analyst is other in each generation n: two masks say its number, as many rows of ticks are seen, and a column is
# hidden in the odd ones.
POLICY = """
database: %(database)s
schema: schema.sql
tenant_column: tenant_id
tables:
  public.items: {backends: [aurora]}
  public.labels: {backends: [aurora]}
  public.ticks: {backends: [aurora]}
  public.ledger: {backends: [aurora]}
  public.events: {backends: [steady]}
  public.far: {backends: [remote]}
roles:
  plain: {read: [public.*], write: [public.ledger]}
  analyst:
    read: [public.*]
    columns: {public.items.name: {mask: "'g%(n)d'"}, public.labels.name: {mask: "'g%(n)d'"}%(hidden)s}
    rows: {public.ticks: "id <= %(n)d"}
"""


def tenant(number):
    return 't%02d' % (number % TENANTS)


def md5(user):
    return 'md5' + hashlib.md5((PASSWORD + user).encode()).hexdigest()


class World(Place):
    """aurora, steady: clusters; headgate; port, http_port."""

    def __init__(self, binary, brief):
        super().__init__('operate')
        self.binary, self.brief, self.bad_ends, self.status = binary, brief, 0, 0
        # What is committed is there after a kill -9 of the processes: the kernel has it.
        settings = {'synchronous_commit': 'on', 'max_connections': 100}
        self.aurora, self.steady = Cluster('aurora', settings=settings), Cluster('steady', settings=settings)
        self.port, self.http_port = free_port(), free_port()
        self.headgate, self.verifier = None, verifier(binary, PASSWORD)

    def make(self):
        for cluster in (self.aurora, self.steady):
            cluster.start()
            self.fill(cluster)
        self.steady.sql("CREATE ROLE headgate_catalog LOGIN CREATEDB PASSWORD '%s'" % PASSWORD)
        self.steady.sql('CREATE DATABASE %s OWNER headgate_catalog' % DATABASE)
        make_certificate(self.path('server.crt'), self.path('server.key'))
        self.write('schema.sql', SCHEMA)
        self.configure()
        self.new().catalog()

    def __exit__(self, *_):
        self.stop()
        self.aurora.stop()
        self.steady.stop()
        self.remove()
        self.status = self.bad_ends

    @staticmethod
    def fill(cluster):
        cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % PASSWORD)
        cluster.sql('CREATE DATABASE data OWNER headgate')
        cluster.sql('SET ROLE headgate;' + PHYSICAL, database='data')

    # ---- files ----

    def write(self, name, text, mode=0o644):
        """As administrators should: nobody ever reads half of it."""
        with open(self.path(name + '.new'), 'w', encoding='utf8') as file:
            file.write(text)
        os.chmod(self.path(name + '.new'), mode)
        os.rename(self.path(name + '.new'), self.path(name))

    def write_policy(self, n=1, broken='', users=''):
        text = POLICY % dict(database=DATABASE, n=n, hidden=', public.items.note: {hide: true}' if n % 2 else '')
        text += 'tenants:\n' + ''.join('  %s: {value: %s}\n' % (tenant(i), tenant(i)) for i in range(TENANTS))
        text += 'users:\n'
        for i in range(TENANTS):  # of each tenant three users: with SCRAM, with md5, which costs nothing, and the analyst
            text += '  u%02d: {tenant: %s, role: plain, password: "%s"}\n' % (i, tenant(i), self.verifier)
            text += '  m%02d: {tenant: %s, role: plain, login: md5, password: "%s"}\n' % (i, tenant(i), md5('m%02d' % i))
            text += '  a%02d: {tenant: %s, role: analyst, login: md5, password: "%s"}\n' % (i, tenant(i), md5('a%02d' % i))
        self.write('policy.yaml', text + users + broken)

    def configure(self, pool=8, remote='', aurora='', tls='', more='', limits='drain_timeout: 5s'):
        """remote: keys of the backend `remote`, which is `steady` by another name unless they say otherwise."""
        backend = '{dialect: postgresql, database: %s, user: %s, pool_size: %d, queue_timeout: 5s, %s}'
        local = 'host: 127.0.0.1, password_env: HG_TEST_PASSWORD, port: %d'
        text = 'listen: 127.0.0.1:%d\nhttp: 127.0.0.1:%d\npolicy: policy.yaml\nworkers: 2\n' % (self.port, self.http_port)
        text += 'tls: {mode: prefer, certificate: server.crt, key: server.key%s}\n' % (tls and ', ' + tls)
        text += 'admin: {socket: %s, users: {root: {role: admin, password: "%s"}}}\n' % (self.directory, self.verifier)
        text += 'backends:\n'
        text += '  aurora: %s\n' % (backend % ('data', 'headgate', pool, local % self.aurora.port + (aurora and ', ' + aurora)))
        text += '  steady: %s\n' % (backend % ('data', 'headgate', pool, local % self.steady.port))
        text += '  remote: %s\n' % (backend % ('data', 'headgate', pool, remote or local % self.steady.port))
        text += '  catalog: %s\n' % (backend % (DATABASE, 'headgate_catalog', 5, local % self.steady.port))
        self.write('headgate.yaml', text + 'limits: {%s}\n' % limits + more)
        self.write_policy()

    # ---- the process ----

    def new(self):
        return Headgate(self.binary, self.path('headgate.yaml'), self.port, {'HG_TEST_PASSWORD': PASSWORD})

    def start(self, **config):
        """Anew, with this configuration."""
        self.stop()
        self.configure(**config)
        self.headgate = self.new().start()

    def stop(self):
        if self.headgate:
            self.bad_ends += 1 if self.headgate.stop() else 0
            self.headgate = None

    @property
    def pid(self):
        return self.headgate.process.pid

    def resident(self):
        """kB of memory"""
        with open('/proc/%d/status' % self.pid, encoding='ascii') as file:
            return int(re.search(r'VmRSS:\s+(\d+)', file.read()).group(1))

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.pid))

    def processor(self):
        """Seconds that it has computed."""
        with open('/proc/%d/stat' % self.pid, encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    # ---- ways in ----

    def connect(self, user='u00', **options):
        return wire.connect('127.0.0.1', self.port, user, PASSWORD, DATABASE, **options)

    def console(self, **options):
        return wire.connect('127.0.0.1', self.port, 'root', PASSWORD, 'headgate', **options)

    def command(self, sql):
        with self.console(timeout=100) as console:
            return console.simple(sql)

    def reload_by_console(self):
        result = self.command('RELOAD')
        return result.error['M'] + ' ' + result.error.get('D', '') if result.error else ''

    def reload_by_program(self, *more):
        done = subprocess.run([self.binary, 'reload', '-c', self.path('headgate.yaml'), *more], capture_output=True, text=True, timeout=200)
        return done.stderr or 'failed' if done.returncode else ''

    def reload_by_signal(self):
        """By the counters, whether it has changed something."""
        before = self.metric('reloads_total'), self.metric('reload_failures_total')
        self.headgate.signal(1)
        self.until(lambda: (self.metric('reloads_total'), self.metric('reload_failures_total')) != before)
        return '' if self.metric('reloads_total') > before[0] else 'failed'

    def metrics(self):
        connection = http.client.HTTPConnection('127.0.0.1', self.http_port, timeout=10)
        try:
            connection.request('GET', '/metrics')
            return connection.getresponse().read().decode('utf8')
        finally:
            connection.close()

    def metric(self, name, **labels):
        wanted = 'headgate_' + name + ('{%s}' % ','.join('%s="%s"' % item for item in labels.items()) if labels else '') + ' '
        return sum(float(line[len(wanted):]) for line in self.metrics().split('\n') if line.startswith(wanted))

    @staticmethod
    def until(what, seconds=40, why='it does not happen'):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, why
            time.sleep(0.02)


def slow(function):
    """Not in the brief form."""
    function.slow = True
    return function
