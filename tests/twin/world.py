"""The world of the twin tests: shared servers behind Headgate, and for each tenant a private server.

One schema (schema.sql) and one seed (seed.sql) fill both kinds: the shared tables carry every tenant's rows and a tenant
column; a private database carries one tenant's rows in exactly the logical schema.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster, make_certificate  # noqa: E402
from headgate import Headgate, free_port, verifier  # noqa: E402

DATABASE = 'analytics'
PASSWORD = 'twin-password'
# code, base of ids, numbers of campaigns, contacts, messages, events
TENANTS = {
    'acme': dict(code='ACME', base=5500000, ncamp=8, ncont=12, nmsg=60, nev=150, octet=1),
    'globex': dict(code='GLBX', base=7700000, ncamp=9, ncont=14, nmsg=71, nev=170, octet=2),
    'initech': dict(code='INTC', base=9900000, ncamp=5, ncont=9, nmsg=40, nev=90, octet=3),
}
# Another world, in which nothing is different for acme: other rows of globex, more and fewer of them, and another neighbour.
OTHERS = {
    'acme': TENANTS['acme'],
    'globex': dict(code='GLOB', base=7100000, ncamp=23, ncont=5, nmsg=190, nev=40, octet=7),
    'hooli': dict(code='HOOL', base=4400000, ncamp=3, ncont=31, nmsg=25, nev=310, octet=8),
}
CHANNELS = """INSERT INTO public.channels VALUES (1,'sms',0.01),(2,'email',0.002),(3,'push',0.0005),(4,'voice',0.1);"""


def read(name):
    with open(os.path.join(HERE, name), encoding='utf8') as f:
        return f.read()


def shared_schema():
    """The physical layout: a tenant column in every tenant table, prefixed internal tables, keys that include the tenant."""
    text = read('schema.sql').replace('CREATE SCHEMA materialized;', '')
    text = text.replace('materialized.daily_metrics', 'public._materialized_daily_metrics')

    def with_tenant(match):
        head, body = match.group(1), match.group(2)
        if 'public.channels' in head or 'tenant_id' in body:
            return match.group(0)
        body = re.sub(r'bigint PRIMARY KEY', 'bigint NOT NULL', body)
        body = body.replace('PRIMARY KEY (day', 'PRIMARY KEY (tenant_id, day')
        return head + '(\n    tenant_id text NOT NULL,' + body + ');'
    return re.sub(r'(CREATE TABLE [^(]+)\((.*?)\n\);', with_tenant, text, flags=re.S)


def seed(tenant, shared, tenants=TENANTS):
    fields = dict(tenants[tenant], tenant=tenant, messages='public.messages', campaigns='public.campaigns', contacts='public.contacts',
                  events='public.events', audit='public.audit', mixed='public."Mixed Case"', crm_contacts='crm.contacts',
                  daily='public._materialized_daily_metrics' if shared else 'materialized.daily_metrics',
                  tid=', tenant_id' if shared else '', tval=", '%s'" % tenant if shared else '')
    return re.sub(r'\{(\w+)\}', lambda m: str(fields[m.group(1)]), read('seed.sql'))


def masked(text):
    """The private schema as the role `masked` sees it: no contacts.email, no crm; phone is masked after the rows are in."""
    return text + """
UPDATE public.contacts SET phone = '***' || right(phone, 2);
ALTER TABLE public.contacts DROP COLUMN email;
DROP SCHEMA crm CASCADE;
"""


class World:
    def __init__(self, headgate, keep=False, dialect='postgresql', settings={}, tenants=TENANTS, private=True, poison=True):
        """settings: of the servers. private: are there private databases? poison: are there the rows of poison.sql?"""
        self.binary = headgate
        self.dialect = dialect
        self.settings = settings
        self.tenants, self.with_private, self.poison = tenants, private, read('poison.sql') if poison else ''
        self.directory = tempfile.mkdtemp(prefix='headgate-twin-')
        self.clusters = []
        self.private = {}  # user -> port
        self.headgate = None

    def cluster(self, name):
        cluster = Cluster(name, settings=self.settings)
        self.clusters.append(cluster)
        cluster.start()
        return cluster

    def start(self):
        metrics, warehouse = self.cluster('metrics'), self.cluster('warehouse')
        for cluster in (metrics, warehouse):
            cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % PASSWORD)
            cluster.sql('CREATE DATABASE data OWNER headgate')
            cluster.sql('SET ROLE headgate;' + shared_schema() + CHANNELS + ''.join(seed(t, True, self.tenants) for t in self.tenants) + self.poison,
                        database='data')
            cluster.sql('ANALYZE', database='data')
        metrics.sql("CREATE ROLE headgate_catalog LOGIN PASSWORD '%s'" % PASSWORD)
        metrics.sql('CREATE DATABASE %s OWNER headgate_catalog' % DATABASE)
        users = (('acme_bi', 'acme', str), ('globex_bi', 'globex', str), ('acme_masked', 'acme', masked))
        for user, tenant, change in users if self.with_private else ():
            cluster = self.cluster('private-' + user)
            cluster.sql("CREATE ROLE %s LOGIN PASSWORD '%s'" % (user, PASSWORD))
            cluster.sql('CREATE DATABASE %s OWNER %s' % (DATABASE, user))
            cluster.sql('ALTER DATABASE %s SET timezone = \'UTC\'' % DATABASE)
            cluster.sql('SET ROLE %s;' % user + change(read('schema.sql') + CHANNELS + seed(tenant, False)), database=DATABASE)
            cluster.sql('ANALYZE', database=DATABASE)
            self.private[user] = cluster.port
        if self.binary:
            self.start_headgate(metrics, warehouse)

    def start_headgate(self, metrics, warehouse):
        with open(os.path.join(self.directory, 'policy.yaml'), 'w', encoding='utf8') as f:
            f.write(read('policy.yaml').replace('@VERIFIER@', verifier(self.binary, PASSWORD)))
        with open(os.path.join(self.directory, 'schema.sql'), 'w', encoding='utf8') as f:
            f.write(read('schema.sql'))
        make_certificate(os.path.join(self.directory, 'server.crt'), os.path.join(self.directory, 'server.key'))
        port = free_port()
        backend = '{dialect: %s, host: 127.0.0.1, port: %d, database: %s, user: %s, password_env: HG_TEST_PASSWORD, pool_size: 8}'
        with open(os.path.join(self.directory, 'headgate.yaml'), 'w', encoding='utf8') as f:
            f.write('listen: 127.0.0.1:%d\ntls: {mode: prefer, certificate: server.crt, key: server.key}\npolicy: policy.yaml\nworkers: 2\nbackends:\n' % port)
            f.write('  aurora: ' + backend % ('postgresql', metrics.port, 'data', 'headgate') + '\n')
            f.write('  redshift: ' + backend % (self.dialect, warehouse.port, 'data', 'headgate') + '\n')
            f.write('  catalog: ' + backend % ('postgresql', metrics.port, DATABASE, 'headgate_catalog') + '\n')
        self.headgate = Headgate(self.binary, os.path.join(self.directory, 'headgate.yaml'), port, {'HG_TEST_PASSWORD': PASSWORD})
        self.headgate.catalog()
        self.headgate.start()

    def stop(self):
        if self.headgate:
            self.headgate.stop()
        for cluster in self.clusters:
            cluster.stop()
        subprocess.run(['rm', '-rf', self.directory], check=False)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
