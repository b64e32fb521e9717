"""The demo's story, told by psql and checked as it goes. Called by conf/demo/run."""
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
from cluster import Cluster  # noqa: E402
from headgate import Headgate, free_port, verifier  # noqa: E402

BINARY = os.path.join(ROOT, 'build', 'release', 'headgate')
PASSWORD = 'demo'
SERVICE_PASSWORD = 'service-account-of-the-demo'
RAW = ('messages', 'delivery_events', 'clicks')
BOLD, GREEN, RED, PLAIN = ('\033[1m', '\033[32m', '\033[31m', '\033[0m') if sys.stdout.isatty() else ('', '', '', '')

METRICS_QUESTION = """SELECT c.name, sum(d.sent) AS sent, sum(d.delivered) AS delivered, sum(d.clicks) AS clicks, round(sum(d.spend), 2) AS spend
FROM materialized.daily_campaign_metrics d JOIN campaigns c ON c.id = d.campaign_id
GROUP BY c.name ORDER BY sent DESC, c.name LIMIT 4"""
RAW_QUESTION = """SELECT m.status, count(DISTINCT m.id) AS messages, round(avg(e.latency_ms)) AS avg_latency_ms
FROM messages m JOIN delivery_events e ON e.message_id = m.id
WHERE m.sent_at >= '2026-02-01' GROUP BY m.status ORDER BY m.status"""


def read(name):
    with open(os.path.join(HERE, name), encoding='utf8') as f:
        return f.read()


class Demo:
    def __init__(self):
        self.wrong = 0
        self.directory = tempfile.mkdtemp(prefix='headgate-demo-')
        self.aurora = Cluster('aurora')
        self.warehouse = Cluster('warehouse')
        self.headgate = None

    # ---- the stage ----

    def start(self):
        self.say('Three customers, acme, globex and initech, share the tables of two databases')
        print('  aurora has precomputed metrics, redshift (another PostgreSQL plays its part) raw events. Starting both, and filling them')
        began = time.time()
        loading = [threading.Thread(target=self.fill, args=a) for a in ((self.aurora, 'metrics', RAW), (self.warehouse, 'warehouse', ('_materialized_daily_campaign_metrics',)))]
        for thread in loading:
            thread.start()
        for thread in loading:
            while thread.is_alive():
                thread.join(2)
                if sys.stdout.isatty():
                    print('  … %d s' % (time.time() - began), end='\r', flush=True)
        rows = self.warehouse.sql(' UNION ALL '.join("SELECT count(*) FROM %s" % t for t in RAW), database='warehouse').split()
        print('  %s raw rows in the warehouse' % format(sum(map(int, rows)), ','))
        self.aurora.sql("CREATE ROLE headgate_catalog LOGIN CREATEDB PASSWORD '%s'" % SERVICE_PASSWORD)
        self.aurora.sql('CREATE DATABASE analytics OWNER headgate_catalog')
        self.start_headgate()

    @staticmethod
    def fill(cluster, database, without):
        cluster.start()
        cluster.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'" % SERVICE_PASSWORD)
        cluster.sql('CREATE DATABASE %s' % database)
        cluster.sql(read('seed.sql') + ''.join('DROP TABLE public.%s;' % t for t in without)
                    + 'ANALYZE;', database=database)

    def start_headgate(self):
        self.write('policy.yaml', read('policy.yaml').replace('@VERIFIER@', verifier(BINARY, PASSWORD)))
        self.write('schema.sql', read('schema.sql'))
        port = free_port()
        backend = '{dialect: postgresql, host: 127.0.0.1, port: %d, database: %s, user: %s, password_env: HG_DEMO_PASSWORD, pool_size: 10}\n'
        self.write('headgate.yaml', 'listen: 127.0.0.1:%d\ntls: {mode: disable}\npolicy: policy.yaml\nworkers: 2\nwalls: on\nbackends:\n' % port
                   + '  aurora: ' + backend % (self.aurora.port, 'metrics', 'headgate')
                   + '  redshift: ' + backend % (self.warehouse.port, 'warehouse', 'headgate')
                   + '  catalog: ' + backend % (self.aurora.port, 'analytics', 'headgate_catalog'))
        self.headgate = Headgate(BINARY, os.path.join(self.directory, 'headgate.yaml'), port, {'HG_DEMO_PASSWORD': SERVICE_PASSWORD})
        self.say('headgate walls: what Headgate may do in the databases, and row security below it')
        for cluster, database, name in ((self.aurora, 'metrics', 'aurora'), (self.warehouse, 'warehouse', 'redshift')):
            print(cluster.sql(self.command('walls', '--backend', name).stdout, database=database))
        self.say('headgate catalog: the logical schema becomes a small database of empty tables, and another one for the role that does not see all of it')
        print(self.headgate.catalog(), end='')
        self.aurora.sql('ALTER ROLE headgate_catalog NOCREATEDB')  # the databases of roles are there now
        self.headgate.start()
        self.say('headgate serve: listening on 127.0.0.1:%d' % port)

    def command(self, name, *arguments):
        return subprocess.run([BINARY, name, '-c', os.path.join(self.directory, 'headgate.yaml'), *arguments],
                              env=self.headgate.environment, capture_output=True, text=True)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path + '.new', 'w', encoding='utf8') as f:
            f.write(text)
        os.rename(path + '.new', path)

    def stop(self):
        if self.headgate:
            self.headgate.stop()
        for cluster in (self.aurora, self.warehouse):
            cluster.stop()
        subprocess.run(['rm', '-rf', self.directory], check=False)

    # ---- showing and checking ----

    @staticmethod
    def say(text):
        print('\n%s== %s%s' % (BOLD, text, PLAIN), flush=True)

    def expect(self, what, held):
        self.wrong += not held
        print('  %s%s: %s%s' % (GREEN if held else RED, 'as expected' if held else 'NOT AS EXPECTED', what, PLAIN), flush=True)

    def line(self, user):
        return 'PGPASSWORD=%s psql -h 127.0.0.1 -p %d -U %s analytics' % (PASSWORD, self.headgate.port, user)

    def psql(self, user, sql, *flags, show=True):
        if show:
            print('%s%s=> %s%s%s' % (BOLD, user, sql, '' if sql.startswith('\\') else ';', PLAIN))
        done = subprocess.run(['psql', '-X', '-w', '-h', '127.0.0.1', '-p', str(self.headgate.port), '-U', user, '-d', 'analytics', *flags, '-c', sql],
                              env=dict(os.environ, PGPASSWORD=PASSWORD, PAGER='cat'), capture_output=True, text=True)
        if show:
            print(done.stdout + done.stderr, end='', flush=True)
        return done.stdout + done.stderr

    def rows(self, user, sql):
        return self.psql(user, sql, '-At', show=False).strip()

    # ---- the story ----

    def same_question(self, question, cluster, database, expected_sql):
        answers = {}
        for user, tenant in (('acme_bi', 'acme'), ('globex_bi', 'globex')):
            self.psql(user, question)
            answers[user] = self.rows(user, question)
            direct = cluster.sql(expected_sql % {'tenant': tenant}, database=database).strip()
            self.expect('exactly the rows that %s has in the shared tables' % tenant, answers[user] == direct and direct != '')
        self.expect('the two customers got different answers', answers['acme_bi'] != answers['globex_bi'])

    def metrics(self):
        self.say('The same question, two customers: precomputed metrics, served by aurora')
        self.same_question(METRICS_QUESTION, self.aurora, 'metrics', """SELECT c.name, sum(d.sent) AS sent, sum(d.delivered), sum(d.clicks), round(sum(d.spend), 2)
            FROM _materialized_daily_campaign_metrics d JOIN campaigns c ON c.id = d.campaign_id AND c.tenant_id = d.tenant_id
            WHERE d.tenant_id = '%(tenant)s' GROUP BY c.name ORDER BY sent DESC, c.name LIMIT 4""")

    def raw(self):
        self.say('The same question, two customers: raw events, aggregated by the warehouse')
        self.same_question(RAW_QUESTION, self.warehouse, 'warehouse', """SELECT m.status, count(DISTINCT m.id), round(avg(e.latency_ms))
            FROM messages m JOIN delivery_events e ON e.message_id = m.id AND e.tenant_id = m.tenant_id
            WHERE m.sent_at >= '2026-02-01' AND m.tenant_id = '%(tenant)s' GROUP BY m.status ORDER BY m.status""")

    def explain(self):
        self.say('What was sent where, and why: EXPLAIN (REWRITE)')
        out = self.psql('acme_bi', 'EXPLAIN (REWRITE) SELECT day, sum(sent) FROM materialized.daily_campaign_metrics GROUP BY day', '-At')
        self.expect('a metrics query goes to aurora, under its predicate', 'aurora' in out and "'acme'" in out)
        out = self.psql('acme_bi', 'EXPLAIN (REWRITE) SELECT kind, count(*) FROM delivery_events GROUP BY kind', '-At')
        self.expect('a raw query goes to the warehouse, under its predicate', 'redshift' in out and "'acme'" in out)

    def attempts(self):
        self.say('acme tries to see the rows of globex')
        foreign = self.warehouse.sql("SELECT min(id) FROM messages WHERE tenant_id = 'globex'", database='warehouse').strip()
        out = self.psql('acme_bi', "SELECT count(*) FROM messages WHERE tenant_id = 'globex'")
        self.expect('the tenant column does not exist', 'does not exist' in out)
        out = self.psql('acme_bi', 'SELECT * FROM messages WHERE id = %s OR false' % foreign)
        self.expect('a row of globex, asked for by its id, is not there', '(0 rows)' in out)
        out = self.psql('acme_bi', 'SELECT * FROM public._materialized_daily_campaign_metrics')
        self.expect('the internal table does not exist', 'does not exist' in out)
        out = self.psql('acme_bi', "SELECT query_to_xml('SELECT * FROM public.messages', true, true, '')")
        self.expect('SQL in text is refused', 'ERROR' in out)
        out = self.psql('acme_bi', 'SELECT email FROM contacts')
        self.expect('a hidden column does not exist', 'does not exist' in out)

    def walls(self):
        self.say('The second wall: with the predicate forgotten, the database itself keeps customers apart')
        question = 'SELECT tenant_id, count(*) FROM messages GROUP BY tenant_id ORDER BY tenant_id'
        for before in ('', "SET headgate.tenant = 'acme'; "):
            out = self.warehouse.sql('SET ROLE headgate; %s%s' % (before, question), database='warehouse')
            print('%sas Headgate\'s own user, directly=> %s%s;%s\n%s' % (BOLD, before, question, PLAIN, out or '(0 rows)'))
            self.expect('the rows of acme alone' if before else 'no row without a customer', out.startswith('acme|') and '\n' not in out if before else out == '')
        done = self.command('check', '--live')
        print(done.stdout + done.stderr, end='')
        self.expect('headgate check --live finds nothing wrong', done.returncode == 0)

    def describe(self):
        self.say('psql sees an ordinary database')
        out = self.psql('acme_bi', r'\d messages')
        self.expect('the table as the logical schema says, without a tenant column', 'campaign_id' in out and 'tenant' not in out)
        out = self.psql('acme_bi', r'\dt')
        self.expect('the tables of the logical schema', 'campaigns' in out and 'tenant' not in out)

    def reload(self):
        self.say('A reload that changes a mask while a session stays connected')
        question = 'SELECT full_name, phone FROM contacts ORDER BY id LIMIT 1;\n'
        session = subprocess.Popen(['psql', '-X', '-w', '-h', '127.0.0.1', '-p', str(self.headgate.port), '-U', 'acme_bi', '-d', 'analytics', '-At'],
                                   env=dict(os.environ, PGPASSWORD=PASSWORD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)

        def ask():
            session.stdin.write(question)
            session.stdin.flush()
            return session.stdout.readline().strip()
        before = ask()
        print('  before: ' + before)
        self.write('policy.yaml', open(os.path.join(self.directory, 'policy.yaml'), encoding='utf8').read().replace("'***' || right(phone, 4)", "left(phone, 3) || ' (hidden)'"))
        self.headgate.signal(signal.SIGHUP)
        after = before
        for _ in range(50):
            time.sleep(0.1)
            after = ask()
            if after != before:
                break
        print('  after:  ' + after)
        session.stdin.close()
        session.wait(10)
        self.expect('the same session sees the new mask', '***' in before and after.endswith('(hidden)'))

    def wait(self):
        self.say('Try it yourself (Ctrl-C ends the demo)')
        for user in ('acme_bi', 'globex_bi', 'initech_bi'):
            print('  ' + self.line(user))
        print('  configuration: %s   log: %s' % (self.directory, self.headgate.log.name), flush=True)
        try:
            while self.headgate.alive():
                time.sleep(0.5)
        except KeyboardInterrupt:
            print()


def main():
    demo = Demo()
    try:
        demo.start()
        for act in (demo.metrics, demo.raw, demo.explain, demo.attempts, demo.walls, demo.describe, demo.reload):
            act()
        if demo.wrong == 0:
            demo.say('Everything was as expected')
        else:
            demo.say('%d things were not as expected' % demo.wrong)
        if '--once' not in sys.argv[1:]:
            demo.wait()
    except KeyboardInterrupt:
        print()
    finally:
        demo.stop()
    return 1 if demo.wrong else 0


if __name__ == '__main__':
    sys.exit(main())
