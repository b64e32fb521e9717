"""A Headgate whose users log in in every way there is, and a private PostgreSQL whose pg_hba.conf says the same of the same
users: what one answers, the other has to answer."""
import hashlib
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
import wire  # noqa: E402
from certificates import Authority  # noqa: E402
from cluster import BIN, Cluster, make_certificate  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402

PASSWORD = 'login-password'
# What the backends' users typed when they were made, and what Headgate is told: the same to SASLprep only.
BACKEND_PASSWORD, BACKEND_PASSWORD_TYPED = 'IX pass word', '\u2168\u00a0pa\u00adss\u3000word'

SCHEMA = 'CREATE TABLE public.items (id bigint PRIMARY KEY, name text);\n'
ROWS = "INSERT INTO items VALUES ('acme', 1, 'anvil'), ('acme', 2, 'rocket'), ('globex', 3, 'laser');"

CONFIG = """listen: 127.0.0.1:{port}
tls: {{mode: prefer, certificate: server.crt, key: server.key{client}}}
policy: policy.yaml
workers: 2
backends:
  main: {{dialect: postgresql, host: 127.0.0.1, port: {server}, database: data, user: headgate, password_env: HG_TEST_PASSWORD, pool_size: 4}}
  catalog: {{dialect: postgresql, host: 127.0.0.1, port: {server}, database: analytics, user: headgate_catalog, password_env: HG_TEST_PASSWORD, pool_size: 4}}
limits: {{login_timeout: 10s}}
"""

POLICY = """database: analytics
schema: schema.sql
tenant_column: tenant_id
tables:
  public.items: {{backends: [main]}}
roles:
  reader: {{read: [public.*]}}
tenants:
  acme: {{value: acme}}
  globex: {{value: globex}}
login: {login}
users:
{users}"""

# user -> what the policy says of it besides tenant and role; {scram}, {md5}: its verifiers
USERS = {
    'by_scram': 'login: scram, password: "{scram}"',
    'by_md5': 'login: md5, password: "{md5}"',
    'by_clear': 'login: cleartext, password: "{scram}"',
    'by_cert': 'login: certificate',
    'by_robot': 'login: certificate, certificate: robot',
    'by_both': 'login: scram, certificate: by_both, password: "{scram}"',
    'by_both_md5': 'login: md5, certificate: "cn:by_both", password: "{md5}"',
    'by_dns': 'login: certificate, certificate: "dns:bi.acme.example"',
    'by_uri': 'login: certificate, certificate: "uri:spiffe://acme/bi"',
    'by_email': 'login: certificate, certificate: "email:bi@acme.example"',
    'by_dn': 'login: certificate, certificate: "dn:CN=bi,O=Acme"',
}
HBA = ['host all by_md5 127.0.0.1/32 md5', 'hostssl all by_clear 127.0.0.1/32 password', 'hostssl all by_cert 127.0.0.1/32 cert',
       'hostssl all by_robot 127.0.0.1/32 cert map=robots', 'hostssl all by_both 127.0.0.1/32 scram-sha-256 clientcert=verify-full',
       'hostssl all prepared 127.0.0.1/32 password', 'host all by_scram 127.0.0.1/32 scram-sha-256']


def md5(user, password=PASSWORD):
    return 'md5' + hashlib.md5((password + user).encode()).hexdigest()


class World(Place):
    def __init__(self, binary):
        super().__init__('login')
        self.binary = binary
        self.server, self.private, self.headgate = Cluster('shared'), None, None
        self.scram = verifier(binary, PASSWORD)
        self.clients, self.strangers = Authority(self.directory, 'clients'), Authority(self.directory, 'strangers')
        self.typed = BACKEND_PASSWORD_TYPED
        self.extra = {}  # users that a test adds

    def __exit__(self, *_):
        status = self.headgate.stop() if self.headgate else None
        self.server.stop()
        if self.private:
            self.private.stop()
        self.remove()
        return status

    def make(self):
        self.make_certificates()
        self.server.start()
        for role in ('headgate', 'headgate_catalog'):
            self.server.sql("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'" % (role, BACKEND_PASSWORD))
        self.server.sql('CREATE DATABASE data OWNER headgate')
        self.server.sql('CREATE DATABASE analytics OWNER headgate_catalog')
        self.server.sql('SET ROLE headgate; CREATE TABLE items (tenant_id text NOT NULL, id bigint PRIMARY KEY, name text);' + ROWS, database='data')
        self.start_private()
        self.write('schema.sql', SCHEMA)
        self.write_policy()
        self.port = free_port()
        self.write_config()
        self.headgate = Headgate(self.binary, self.path('headgate.yaml'), self.port, {'HG_TEST_PASSWORD': BACKEND_PASSWORD_TYPED})
        self.headgate.catalog()
        self.headgate.start()

    def start_private(self):
        self.write('ident', 'robots robot by_robot\n')
        self.private = Cluster('private', tls=True, hba=HBA, settings={'ssl_ca_file': self.clients.certificate, 'ident_file': self.path('ident')})
        self.private.start()
        self.private.sql('CREATE DATABASE analytics')
        for user in ('by_scram', 'by_clear', 'by_both', 'by_cert', 'by_robot', 'prepared'):
            self.private.sql("CREATE ROLE %s LOGIN PASSWORD '%s'" % (user, PASSWORD))
        self.private.sql("SET password_encryption = md5; CREATE ROLE by_md5 LOGIN PASSWORD '%s'" % PASSWORD)
        self.private.sql("CREATE TABLE items (id bigint PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'anvil'), (2, 'rocket');"
                         'GRANT SELECT ON items TO PUBLIC', database='analytics')

    def make_certificates(self):
        make_certificate(self.path('server.crt'), self.path('server.key'))
        for name in ('by_cert', 'robot', 'by_both', 'stranger'):
            self.clients.issue(name, '/CN=' + name)
        names = 'DNS:bi.acme.example,DNS:other.example,URI:spiffe://acme/bi,email:bi@acme.example'
        self.clients.issue('names', '/O=Acme/CN=bi', names)
        self.clients.issue('expired', '/CN=by_cert', expired=True)
        self.clients.issue('server', '/CN=by_cert', usage='serverAuth')
        self.clients.issue('two', '/CN=by_cert/CN=by_both')
        self.clients.issue('upper', '/CN=BY_CERT')
        self.clients.issue('longer', '/CN=by_cert.evil.example')
        self.strangers.issue('forged', '/CN=by_cert')
        make_certificate(self.path('alone.crt'), self.path('alone.key'), 'by_cert')

    # ---- files of the configuration ----

    def write_config(self, client=', client_ca: clients.crt, client_crl: clients.crl'):
        self.write('headgate.yaml', CONFIG.format(port=self.port, server=self.server.port, client=client))

    def write_policy(self, login='scram', tenants={}):
        users = ''
        for user, text in {**USERS, **self.extra}.items():
            text = text.format(scram=self.scram, md5=md5('by_md5') if user == 'by_md5' else md5(user))
            users += '  %s: {tenant: %s, role: reader, %s}\n' % (user, tenants.get(user, 'acme'), text)
        self.write('policy.yaml', POLICY.format(login=login, users=users))

    def reload(self):
        count = self.headgate.output().count('reloaded')
        self.headgate.signal(signal.SIGHUP)
        self.until(lambda: self.headgate.output().count('reloaded') > count)
        time.sleep(0.1)  # the workers' turn

    def until(self, what, seconds=40):
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, 'it does not happen: ' + self.headgate.output()[-2000:]
            time.sleep(0.02)

    # ---- clients ----

    def dsn(self, port, user, cert=None, mode='require', **more):
        """Of libpq."""
        parts = dict(host='127.0.0.1', port=port, dbname='analytics', user=user, sslmode=mode, connect_timeout=15,
                     sslcert=self.path(cert + '.crt') if cert else '/nowhere', sslkey=self.path(cert + '.key') if cert else '/nowhere', **more)
        return ' '.join("%s='%s'" % item for item in parts.items())

    def psql(self, port, user, password=PASSWORD, cert=None, mode='require', **more):
        """What a login with psql ends in: (True, the rows it sees) or (False, the last words)."""
        environment = dict(os.environ, PGPASSWORD=password, LC_ALL='C.UTF-8', HOME=self.directory)
        done = subprocess.run([os.path.join(BIN, 'psql'), '-XAtq', self.dsn(port, user, cert, mode, **more), '-c', 'SELECT current_user, count(*) FROM items'],
                              capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=200)
        if done.returncode == 0:
            return True, done.stdout.strip()
        return False, done.stderr.strip().split('failed: ', 1)[-1]

    def gate(self, *arguments, **options):
        return self.psql(self.port, *arguments, **options)

    def both(self, *arguments, **options):
        """The same on both sides, equal on both."""
        private, here = self.psql(self.private.port, *arguments, **options), self.gate(*arguments, **options)
        assert here == private, '%s %s: Headgate %r, PostgreSQL %r' % (arguments, options, here, private)
        return here

    def raw(self, **options):
        return wire.Wire('127.0.0.1', self.port, **options)

    def asked(self, user, tls=True, port=None, database='analytics'):
        """The connection, and the first answer to its startup message."""
        w = wire.Wire('127.0.0.1', port or self.port, tls=tls)
        w.send(wire.startup({'user': user, 'database': database}))
        return w, w.recv()
