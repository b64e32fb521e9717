"""What keeping tenants apart costs in the database: the plan of what Headgate sends beside that of a predicate written by hand.

One row per shape and size of tenant. `fence` says what the shape needs so that no condition is evaluated on rows of others: nothing, a guard
beside the predicate, or OFFSET 0 (rewrite/leak.c decides). Costs are the planner's, times are medians of interleaved runs of the same
statements; both are ratios to the plan by hand. The last two columns are those of what Headgate sends to a database with walls (`headgate walls`:
native row security), where conditions whose operators are not leakproof wait behind the wall's. Fails when a plan by hand reads a table by an index and Headgate's does not, unless the shape
needs OFFSET 0.

    tests/bench/plans.py [--binary build/release/headgate] [--rows 600000] [--rounds 5]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'support'))
from cluster import Cluster  # noqa: E402
from headgate import verifier  # noqa: E402

PHYSICAL = """
CREATE TABLE campaigns (tenant_id text NOT NULL, id bigint NOT NULL, name text NOT NULL, tags text[] NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE messages (tenant_id text NOT NULL, id bigint NOT NULL, campaign_id bigint NOT NULL, status text NOT NULL, subject text NOT NULL,
    code text NOT NULL, pattern text NOT NULL, price numeric(10,4) NOT NULL, parts integer NOT NULL, sent_at timestamptz NOT NULL, attributes jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id));
INSERT INTO campaigns SELECT 't' || t, c, 'campaign ' || c, ARRAY['a' || c %% 7] FROM generate_series(1, 300) t, generate_series(1, 20) c;
-- the n-th tenant has about 1/n of what the first one has
INSERT INTO messages SELECT 't' || t, i, 1 + i %% 20, (ARRAY['sent', 'failed', 'queued'])[1 + i %% 3], 'subject ' || i, (i %% 1000)::text, '^s', i / 1000.0, 1 + i %% 4,
    timestamptz '2026-01-01 00:00+00' + i * interval '1 minute', jsonb_build_object('k', i %% 50)
  FROM generate_series(1, 300) t, generate_series(1, %(first)d / t) i;
CREATE INDEX messages_sent ON messages (tenant_id, sent_at);
CREATE INDEX messages_subject ON messages (tenant_id, subject text_pattern_ops);
CREATE INDEX messages_attributes ON messages USING gin (attributes);
CREATE INDEX messages_campaign ON messages (tenant_id, campaign_id);
VACUUM ANALYZE;
"""
SCHEMA = """
CREATE TABLE public.campaigns (tenant_id text NOT NULL, id bigint PRIMARY KEY, name text, tags text[]);
CREATE TABLE public.messages (tenant_id text NOT NULL, id bigint PRIMARY KEY, campaign_id bigint, status text, subject text, code text, pattern text, price numeric(10,4),
    parts integer, sent_at timestamptz, attributes jsonb);
"""
POLICY = """
database: plans
tenant_column: tenant_id
schema: schema.sql
tables:
  public.campaigns: {backends: [main]}
  public.messages: {backends: [main]}
roles:
  reader: {read: ["*"], write: []}
tenants:
%(tenants)s
users:
%(users)s
"""
CONFIG = """
listen: 127.0.0.1:6432
tls: {mode: disable}
policy: policy.yaml
backends:
  main:    {dialect: postgresql, host: 127.0.0.1, database: data, user: headgate}
  catalog: {dialect: postgresql, host: 127.0.0.1, database: plans, user: headgate}
"""
TENANTS = ['t1', 't20', 't300']

# (name, statement, the same by hand). {t} is the tenant's value.
SHAPES = [
    ('point lookup', "SELECT subject FROM messages WHERE id = 77", "SELECT subject FROM messages WHERE tenant_id = '{t}' AND id = 77"),
    ('newest ten', 'SELECT id, subject FROM messages ORDER BY sent_at DESC LIMIT 10',
     "SELECT id, subject FROM messages WHERE tenant_id = '{t}' ORDER BY sent_at DESC LIMIT 10"),
    ('count of a range', "SELECT count(*) FROM messages WHERE sent_at >= '2026-01-01' AND sent_at < '2026-01-02'",
     "SELECT count(*) FROM messages WHERE tenant_id = '{t}' AND sent_at >= '2026-01-01' AND sent_at < '2026-01-02'"),
    ('group by day', "SELECT date_trunc('day', sent_at), count(*), sum(price) FROM messages GROUP BY 1 ORDER BY 1",
     "SELECT date_trunc('day', sent_at), count(*), sum(price) FROM messages WHERE tenant_id = '{t}' GROUP BY 1 ORDER BY 1"),
    ('join and group', 'SELECT c.name, count(*) FROM messages m JOIN campaigns c ON c.id = m.campaign_id GROUP BY c.name',
     "SELECT c.name, count(*) FROM messages m JOIN campaigns c ON c.id = m.campaign_id WHERE m.tenant_id = '{t}' AND c.tenant_id = '{t}' GROUP BY c.name"),
    ('EXISTS', "SELECT name FROM campaigns c WHERE EXISTS (SELECT 1 FROM messages m WHERE m.campaign_id = c.id AND m.status = 'failed')",
     "SELECT name FROM campaigns c WHERE c.tenant_id = '{t}' AND EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = '{t}' AND m.campaign_id = c.id AND m.status = 'failed')"),
    ('LIKE prefix', "SELECT id FROM messages WHERE subject LIKE 'subject 77%'", "SELECT id FROM messages WHERE tenant_id = '{t}' AND subject LIKE 'subject 77%'"),
    ('jsonb @>', """SELECT count(*) FROM messages WHERE attributes @> '{"k": 7}'""", """SELECT count(*) FROM messages WHERE tenant_id = '{t}' AND attributes @> '{"k": 7}'"""),
    ('cast in WHERE', "SELECT id FROM messages WHERE sent_at < '2026-01-02' AND code::integer > 900",
     "SELECT id FROM messages WHERE tenant_id = '{t}' AND sent_at < '2026-01-02' AND code::integer > 900"),
    ('division in WHERE', "SELECT id FROM messages WHERE sent_at < '2026-01-02' AND 100 / parts > 30",
     "SELECT id FROM messages WHERE tenant_id = '{t}' AND sent_at < '2026-01-02' AND 100 / parts > 30"),
    ('regex of a column', "SELECT id FROM messages WHERE sent_at < '2026-01-02' AND subject ~ pattern",
     "SELECT id FROM messages WHERE tenant_id = '{t}' AND sent_at < '2026-01-02' AND subject ~ pattern"),
    ('function in WHERE', "SELECT id FROM messages WHERE id < 100 AND length(subject) > 9", "SELECT id FROM messages WHERE tenant_id = '{t}' AND id < 100 AND length(subject) > 9"),
    ('cast in a join', "SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id AND m.code::integer = c.id",
     "SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id AND m.code::integer = c.id WHERE c.tenant_id = '{t}' AND m.tenant_id = '{t}'"),
    ('= ANY of a column', "SELECT name FROM campaigns WHERE 'a3' = ANY (tags) AND id < 9", "SELECT name FROM campaigns WHERE tenant_id = '{t}' AND 'a3' = ANY (tags) AND id < 9"),
    ('regex ANY of column', "SELECT name FROM campaigns WHERE name ~ ANY (tags) AND id < 9", "SELECT name FROM campaigns WHERE tenant_id = '{t}' AND name ~ ANY (tags) AND id < 9"),
    ('grouping sets', 'SELECT tenant_id, status, count(*) FROM messages GROUP BY GROUPING SETS ((tenant_id), (status), ()) ORDER BY 1, 2, 3',
     "SELECT tenant_id, status, count(*) FROM messages WHERE tenant_id = '{t}' GROUP BY GROUPING SETS ((tenant_id), (status), ()) ORDER BY 1, 2, 3"),
]


def write_config(binary, directory):
    password = verifier(binary, 'plans')
    texts = {'headgate.yaml': CONFIG, 'schema.sql': SCHEMA,
             'policy.yaml': POLICY % {'tenants': '\n'.join('  %s: {value: %s}' % (t, t) for t in TENANTS),
                                      'users': '\n'.join('  %s: {tenant: %s, role: reader, password: "%s"}' % (t, t, password) for t in TENANTS)}}
    for name, text in texts.items():
        with open(os.path.join(directory, name), 'w', encoding='utf8') as f:
            f.write(text)


def rewritten(binary, directory, user, statement):
    done = subprocess.run([binary, 'rewrite', '-c', os.path.join(directory, 'headgate.yaml'), '--user', user, '--json'], input=statement, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError('not rewritten: %s\n%s%s' % (statement, done.stdout, done.stderr))
    return json.loads(done.stdout.splitlines()[0])['sql']


def explain(cluster, statement, analyze, before=''):
    options = 'FORMAT JSON, ANALYZE, TIMING off, COSTS on' if analyze else 'FORMAT JSON'
    return json.loads(cluster.sql('%sEXPLAIN (%s) %s' % (before, options, statement), database='data'))[0]


def scans(plan):
    """How each table is read: {(table, 'index' or 'all')}."""
    kinds = set()
    if 'Relation Name' in plan:
        kinds.add((plan['Relation Name'], 'all' if plan['Node Type'] == 'Seq Scan' else 'index'))
    for part in plan.get('Plans', []):
        kinds |= scans(part)
    return kinds


def fence_of(sql):
    return 'OFFSET 0' if 'OFFSET 0' in sql else 'guard' if 'CASE WHEN' in sql else 'none'


def compare(cluster, rounds, *ways):
    """Of each way but the last, (text, what comes before it), compared with the last: cost ratio, time ratio, tables that only the last reads by
    an index."""
    plans = [explain(cluster, sql, False, before)['Plan'] for sql, before in ways]
    times = [[] for _ in ways]
    for _ in range(rounds):
        for i, (sql, before) in enumerate(ways):
            measured = explain(cluster, sql, True, before)
            times[i].append(measured['Execution Time'] + measured['Planning Time'])
    by_index = {t for t, how in scans(plans[-1]) if how == 'index'}
    return [(plan['Total Cost'] / max(plans[-1]['Total Cost'], 0.01), statistics.median(time) / max(statistics.median(times[-1]), 0.001),
             sorted(by_index & {t for t, how in scans(plan) if how == 'all'})) for plan, time in zip(plans[:-1], times)]


def build_walls(binary, directory, cluster):
    script = subprocess.run([binary, 'walls', '-c', os.path.join(directory, 'headgate.yaml'), '--backend', 'main'], capture_output=True, text=True, check=True).stdout
    cluster.sql(script, database='data')


def as_tenant(tenant):
    return "SET ROLE headgate; SET headgate.tenant = '%s'; " % tenant


def note(lost):
    return '  NO INDEX on ' + ', '.join(lost) if lost else ''


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--binary', default=os.path.join(ROOT, 'build', 'release', 'headgate'))
    parser.add_argument('--rows', type=int, default=600000, help='rows of all tenants together')
    parser.add_argument('--rounds', type=int, default=5)
    options = parser.parse_args()
    cluster = Cluster('plans', settings={'jit': 'off', 'max_parallel_workers_per_gather': '0'})
    failures = 0
    with tempfile.TemporaryDirectory(prefix='headgate-plans-') as directory:
        write_config(options.binary, directory)
        cluster.start()
        try:
            cluster.sql('CREATE DATABASE data')
            cluster.sql(PHYSICAL % {'first': options.rows * 10 // 63}, database='data')
            build_walls(options.binary, directory, cluster)
            print('%-20s %-6s %-9s %8s %8s %8s %8s' % ('shape', 'tenant', 'fence', 'cost', 'time', 'wall c.', 'wall t.'))
            for name, statement, by_hand in SHAPES:
                for tenant in TENANTS:
                    ours = rewritten(options.binary, directory, tenant, statement)
                    plain, walled = compare(cluster, options.rounds, (ours, ''), (ours, as_tenant(tenant)), (by_hand.replace('{t}', tenant), ''))
                    fence = fence_of(ours)
                    bad = plain[2] and fence != 'OFFSET 0'
                    failures += bool(bad)
                    print('%-20s %-6s %-9s %8.2f %8.2f %8.2f %8.2f%s%s' % (name, tenant, fence, *plain[:2], *walled[:2], note(plain[2]),
                                                                       '  behind the wall:' + note(walled[2]) if walled[2] else ''), flush=True)
        finally:
            cluster.stop()
    print('%d passed, %d failed' % (len(SHAPES) * len(TENANTS) - failures, failures))
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
