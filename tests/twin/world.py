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
from cluster import Cluster, make_certificate, make_locale  # noqa: E402
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
# Tenants whose values are the numbers and uuids of columns; those of shared rows that are somebody else's have no tenant.
UUID = '0e8400e2-0000-4000-8000-%012d'
BOOKS = {'number': (42, UUID % 42), 'uuid': (43, UUID % 43)}
VALUES = {'number': '42', 'uuid': UUID % 43}
TENANT_OF = {'acme_bi': 'acme', 'globex_bi': 'globex', 'acme_masked': 'acme', 'acme_east': 'acme', 'acme_limited': 'acme', 'acme_reader': 'acme', 'acme_clerk': 'acme', 'acme_rw': 'acme', 'globex_rw': 'globex', 'masked_rw': 'acme',
             'number_rw': VALUES['number'], 'uuid_rw': VALUES['uuid']}  # user -> value of the tenant column
MASKED = {('public.contacts', 'phone'): "'***' || right(phone, 2)"}
MASKS = {'acme_masked': MASKED, 'acme_east': MASKED, 'masked_rw': MASKED}
# what the role `writer` writes
WRITTEN_TABLES = ('shop.customers, shop.orders, shop.lines, shop.tickets, shop.items, shop.stock, shop.payments, shop.refunds, shop.ledger, shop.visits, '
                  'shop.notes, shop.queue, public.campaigns, public.contacts, public.messages, public.audit, public."Mixed Case", crm.contacts')
# user -> the user whose private database is also his
SAME_DATABASE = {'acme_rw': 'acme_bi', 'globex_rw': 'globex_bi', 'masked_rw': 'acme_masked'}
SHARED_ROWS = """INSERT INTO public.channels VALUES (1,'sms',0.01),(2,'email',0.002),(3,'push',0.0005),(4,'voice',0.1);
INSERT INTO shop.rates VALUES ('DE', 19), ('FR', 20), ('US', 7.5);"""


def read(name):
    with open(os.path.join(HERE, name), encoding='utf8') as f:
        return f.read()


TABLE = re.compile(r'(CREATE TABLE [^(]+)\((.*?)\n\);', re.S)
WRITTEN = '-- Tables that are written to.'  # where physical.sql takes the place of schema.sql


def declares(body, column):
    return re.search(r'^ +%s ' % column, body, re.M)


def shared_schema():
    """The physical layout: a tenant column in every tenant table, prefixed internal tables, and all that physical.sql adds."""
    text = read('schema.sql').split(WRITTEN)[0].replace('CREATE SCHEMA materialized;', '')
    text = text.replace('materialized.daily_metrics', 'public._materialized_daily_metrics')

    def with_tenant(match):
        head, body = match.group(1), match.group(2)
        if 'public.channels' in head or declares(body, 'tenant_id'):
            return match.group(0)
        return head + '(\n    tenant_id text NOT NULL,' + body + '\n);'
    return TABLE.sub(with_tenant, text) + read('physical.sql')


def private_schema():
    """The logical schema without the tenant columns that only its keys name."""
    def without_tenant(match):
        head, body = match.group(1), match.group(2)
        for column in ('tenant_id', 'account', 'owner'):
            if not declares(body, column):
                body = body.replace('(%s, ' % column, '(')
        return head + '(' + body + '\n);'
    return TABLE.sub(without_tenant, read('schema.sql'))


def braces(text, fields):
    return re.sub(r'\{(\w+)\}', lambda m: str(fields[m.group(1)]), text)


def seed(tenant, shared, tenants=TENANTS):
    fields = dict(tenants[tenant], tenant=tenant, messages='public.messages', campaigns='public.campaigns', contacts='public.contacts',
                  events='public.events', audit='public.audit', mixed='public."Mixed Case"', crm_contacts='crm.contacts',
                  daily='public._materialized_daily_metrics' if shared else 'materialized.daily_metrics',
                  stock='store.stock_levels' if shared else 'shop.stock', old_notes='shop.notes_archive' if shared else 'shop.notes',
                  tid=', tenant_id' if shared else '', owner=', owner' if shared else '', tval=", '%s'" % tenant if shared else '')
    fields.setdefault('ncust', fields['ncont'])
    return braces(read('seed.sql'), fields)


def books(number, uuid, shared):
    """Rows of the tables whose tenant column is no text."""
    return braces(read('books.sql'), dict(number=number, uuid=uuid, account=', account' if shared else '', number_value=', %d' % number if shared else ''))


def plain(text, tenant):
    return text


def writing(text, tenant):
    """The private schema of those who write."""
    number, uuid = BOOKS.get(tenant, (0, UUID % 0))
    return text + braces(read('private.sql'), dict(tenant=VALUES.get(tenant, tenant), number=number, uuid=uuid))


def masked(text, tenant):
    """The private schema as the role `masked` sees it: no contacts.email nor its type, public and materialized only; phone is masked after the rows are in."""
    return text + """
UPDATE public.contacts SET phone = '***' || right(phone, 2);
ALTER TABLE public.contacts RENAME TO all_contacts;
ALTER INDEX public.contacts_pkey RENAME TO all_contacts_pkey;
CREATE TABLE public.contacts AS SELECT tenant_id, contact_no, full_name, phone, country, credit, birthday FROM public.all_contacts;
ALTER TABLE public.contacts ADD PRIMARY KEY (tenant_id, contact_no);
DROP TABLE public.all_contacts;
DROP SCHEMA crm CASCADE;
DROP SCHEMA shop CASCADE;
DROP SCHEMA books CASCADE;
DROP DOMAIN public.email_address;
"""


def regional(text, tenant):
    """As the role `regional` sees it: what `masked` sees, of rows that meet its conditions."""
    rows = {
        'public.campaigns': "status = 'active' AND channel_id < 4",
        'public.contacts': "country = ANY ('{DE,FR}') AND phone NOT LIKE '%7'",
        'public.messages': "status <> 'bounced' AND segments >= 2",
        'public.events': 'right(host(ip), 1)::integer < 5',
        'public.channels': 'id <= 3',
        'public.audit': "actor <> 'acme-actor-1'",
        'public."Mixed Case"': """"Draft No" <> 3 AND "select" LIKE '%draft%'""",
        'materialized.daily_metrics': 'spend > 12 OR sent IS NULL',
    }
    return masked(text + ''.join('DELETE FROM %s WHERE (%s) IS NOT TRUE;' % item for item in rows.items()), tenant)


class World:
    def __init__(self, headgate, keep=False, dialect='postgresql', settings={}, tenants=TENANTS, private=True, poison=True, writes=False,
                 walls=False):
        """settings: of the servers. private: are there private databases? poison: are there the rows of poison.sql? writes: are the
        private databases of users who write there, with what private.sql adds? walls: is there row security, as `headgate walls` sets
        it up?"""
        self.binary = headgate
        self.dialect = dialect
        self.settings = settings
        self.tenants, self.with_private, self.poison, self.writes = tenants, private, read('poison.sql') if poison else '', writes
        self.walls = walls
        self.directory = tempfile.mkdtemp(prefix='headgate-twin-')
        self.clusters = []
        self.private = {}    # user -> port
        self.databases = {}  # user -> database there
        self.headgate = None
        self.locales = os.path.join(self.directory, 'locales')
        os.chmod(self.directory, 0o711)
        make_locale(self.locales, 'de_DE.UTF-8')

    def cluster(self, name):
        cluster = Cluster(name, settings=self.settings, locales=self.locales)
        self.clusters.append(cluster)
        cluster.start()
        return cluster

    def start(self):
        metrics, warehouse = self.cluster('metrics'), self.cluster('warehouse')
        rows = SHARED_ROWS + ''.join(seed(t, True, self.tenants) for t in self.tenants) + self.poison
        rows += ''.join(books(n, UUID % n, True) for n in (41, 42, 43))
        for cluster in (metrics, warehouse):
            cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % PASSWORD)
            cluster.sql('CREATE DATABASE data OWNER headgate')
            cluster.sql('SET ROLE headgate;' + shared_schema() + rows, database='data')
            cluster.sql('ANALYZE', database='data')
        metrics.sql("CREATE ROLE headgate_catalog LOGIN CREATEDB PASSWORD '%s'" % PASSWORD)
        metrics.sql('CREATE DATABASE %s OWNER headgate_catalog' % DATABASE)
        if self.with_private:
            self.start_private()
        if self.binary:
            self.start_headgate(metrics, warehouse)

    def start_private(self):
        for user, tenant, change in (('acme_bi', 'acme', plain), ('globex_bi', 'globex', plain), ('acme_masked', 'acme', masked)):
            cluster = self.cluster('private-' + user)
            self.private_database(cluster, user, DATABASE, change(self.private_text(tenant) + seed(tenant, False), tenant))
            if self.writes and change is plain:
                cluster.sql('SET ROLE %s;' % user + writing('', tenant), database=DATABASE)
        self.private_database(self.cluster('private-acme_east'), 'acme_east', DATABASE, regional(self.private_text('acme') + seed('acme', False), 'acme'))
        self.share_database('acme_limited', 'acme_bi')
        self.grant_database('acme_reader', 'acme_bi', '')
        self.grant_database('acme_clerk', 'acme_bi', WRITTEN_TABLES)
        if not self.writes:
            return
        for user, other in SAME_DATABASE.items():
            self.share_database(user, other)
        for tenant, (number, uuid) in BOOKS.items():
            self.private_database(self.clusters[2], tenant + '_rw', 'analytics_' + tenant,
                                  writing(self.private_text(tenant) + books(number, uuid, False), tenant))

    def share_database(self, user, other):
        cluster = next(c for c in self.clusters if c.port == self.private[other])
        cluster.sql("CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE %s" % (user, PASSWORD, other))
        self.private[user], self.databases[user] = cluster.port, DATABASE

    def grant_database(self, user, other, written):
        """For a user who owns nothing and creates nothing, and may read all and write some tables."""
        cluster = next(c for c in self.clusters if c.port == self.private[other])
        schemas = cluster.sql("SELECT string_agg(quote_ident(nspname), ',') FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'", database=DATABASE).strip()
        cluster.sql("CREATE ROLE %s LOGIN PASSWORD '%s'; REVOKE TEMP ON DATABASE %s FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
                    'GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON ALL TABLES IN SCHEMA %s TO %s' % (user, PASSWORD, DATABASE, schemas, user, schemas, user),
                    database=DATABASE)
        if written:
            cluster.sql('GRANT INSERT, UPDATE, DELETE ON %s TO %s' % (written, user), database=DATABASE)
        self.private[user], self.databases[user] = cluster.port, DATABASE

    def private_text(self, tenant):
        text = private_schema() + SHARED_ROWS
        return text if self.writes else re.sub(r'GENERATED [A-Z ]+ AS IDENTITY', 'NOT NULL', text)

    def private_database(self, cluster, user, database, text):
        cluster.sql("CREATE ROLE %s LOGIN PASSWORD '%s'" % (user, PASSWORD))
        cluster.sql('CREATE DATABASE %s OWNER %s' % (database, user))
        cluster.sql('ALTER DATABASE %s SET timezone = \'UTC\'' % database)
        cluster.sql('SET ROLE %s;' % user + text, database=database)
        cluster.sql('ANALYZE', database=database)
        self.private[user], self.databases[user] = cluster.port, database

    def start_headgate(self, metrics, warehouse):
        with open(os.path.join(self.directory, 'policy.yaml'), 'w', encoding='utf8') as f:
            text = read('policy.yaml').replace('@VERIFIER@', verifier(self.binary, PASSWORD))
            f.write(text if self.dialect == 'postgresql' else text.replace(' public.messages,', ''))  # which only the warehouse has
        with open(os.path.join(self.directory, 'schema.sql'), 'w', encoding='utf8') as f:
            f.write(read('schema.sql'))
        make_certificate(os.path.join(self.directory, 'server.crt'), os.path.join(self.directory, 'server.key'))
        port = free_port()
        backend = '{dialect: %s, host: 127.0.0.1, port: %d, database: %s, user: %s, password_env: HG_TEST_PASSWORD, pool_size: 8}'
        with open(os.path.join(self.directory, 'headgate.yaml'), 'w', encoding='utf8') as f:
            f.write('listen: 127.0.0.1:%d\ntls: {mode: prefer, certificate: server.crt, key: server.key}\npolicy: policy.yaml\nworkers: 2\nwalls: %s\nbackends:\n'
                    % (port, 'on' if self.walls else 'off'))
            f.write('  aurora: ' + backend % ('postgresql', metrics.port, 'data', 'headgate') + '\n')
            f.write('  redshift: ' + backend % (self.dialect, warehouse.port, 'data', 'headgate') + '\n')
            f.write('  catalog: ' + backend % ('postgresql', metrics.port, DATABASE, 'headgate_catalog') + '\n')
        self.headgate = Headgate(self.binary, os.path.join(self.directory, 'headgate.yaml'), port, {'HG_TEST_PASSWORD': PASSWORD})
        if self.walls:
            self.build_walls(aurora=metrics, redshift=warehouse)
        self.headgate.catalog()
        self.headgate.start()

    def catalog_of(self, user):
        """The database that answers what the user asks about the schema: roles that do not see everything have their own."""
        role = re.search(r'^  %s: .*role: (\w+)' % user, read('policy.yaml'), re.M).group(1)
        own = '%s_%s' % (DATABASE, role)
        return own if self.clusters[0].sql("SELECT 1 FROM pg_database WHERE datname = '%s'" % own) else DATABASE

    def build_walls(self, **clusters):
        """What an administrator does: the tables are no longer Headgate's, and a trigger that writes elsewhere does so as its owner."""
        for name, cluster in clusters.items():
            script = subprocess.run([self.binary, 'walls', '-c', self.headgate.config, '--backend', name], capture_output=True, text=True, check=True).stdout
            cluster.sql('REASSIGN OWNED BY headgate TO postgres; ALTER FUNCTION shop.note_change() SECURITY DEFINER;' + script, database='data')

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
