#!/usr/bin/python3
"""What a policy can say besides tenants, on a real server: conditions on rows, attributes, masks, in reads and in writes.

    tests/policy/run.py [--headgate BINARY] [NAME...]

One table holds rows of two tenants; each role sees some of its tenant's by a condition. The others, foreign or hidden, are made
to fail: their texts are no booleans, no numbers and no regular expressions, so that a condition of the client that PostgreSQL
evaluates on one of them ends the statement. `test_bait` proves that the bait works, directly on the server, without the guards
that Headgate adds. Ends with `N passed, N failed`.
"""
import argparse
import io
import os
import re
import signal
import subprocess
import sys
import time
import traceback

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
from cluster import Cluster  # noqa: E402
from headgate import Headgate, Place, free_port, verifier  # noqa: E402

PASSWORD = 'policy-password'
SCHEMA = """
CREATE TABLE public.items (id integer, region text, flag text, pattern text, code text, secret text, amount integer, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.big (id integer, region text, flag text, amount integer, PRIMARY KEY (tenant_id, id));
CREATE TABLE public.kinds (id integer PRIMARY KEY, name text, flag text);
"""
PHYSICAL = """
CREATE TABLE items (tenant_id text NOT NULL, id integer, region text, flag text, pattern text, code text, secret text, amount integer,
                    PRIMARY KEY (tenant_id, id));
CREATE TABLE big (tenant_id text NOT NULL, id integer, region text, flag text, amount integer, PRIMARY KEY (tenant_id, id));
CREATE INDEX big_region ON big (tenant_id, region, amount);
CREATE TABLE kinds (id integer PRIMARY KEY, name text, flag text);
INSERT INTO kinds VALUES (1, 'one', 'true'), (2, 'two', 'bait'), (3, 'three', 'false');
INSERT INTO items SELECT 'acme', i, CASE i % 3 WHEN 0 THEN 'west' WHEN 1 THEN 'east' ELSE 'north' END, CASE i % 3 WHEN 1 THEN 'true' ELSE 'bait' END,
    CASE i % 3 WHEN 1 THEN 'a.*' ELSE '(' END, i::text, 'secret ' || i, i * 10 FROM generate_series(1, 30) i;
INSERT INTO items SELECT 'globex', i, 'east', 'bait', '(', '(', 'secret', i FROM generate_series(1, 30) i;
INSERT INTO big SELECT CASE i % 50 WHEN 0 THEN 'acme' ELSE 'other' || i % 50 END, i, CASE i % 3 WHEN 0 THEN 'east' ELSE 'west' END, 'true', i % 100
    FROM generate_series(1, 20000) i;
ANALYZE;
"""
POLICY = """
database: analytics
schema: schema.sql
tenant_column: tenant_id
tables:
  public.items: {{backends: [main]}}
  public.big: {{backends: [main]}}
  public.kinds: {{backends: [main], shared: true}}
roles:
  equal: {{read: [public.*], rows: {{public.items: "region = {{user.region}}", public.big: "region = {{user.region}}", public.kinds: "name <> {{tenant.kind}}"}}}}
  listed: {{read: [public.*], rows: {{public.items: "region = ANY ({{user.regions}})", public.big: "region = ANY ({{user.regions}})"}}}}
  costly: {{read: [public.*], rows: {{public.items: "upper(lower(region)) = upper({{user.region}})"}}}}
  failing: {{read: [public.*], rows: {{public.items: "'2' ~ code"}}}}
  masked:
    read: [public.*]
    columns: {{public.items.secret: {{mask: "'***' || right(secret, 1)"}}, public.items.region: {{hide: true}}}}
    rows: {{public.items: "region = {{user.region}} AND secret <> 'secret 4'"}}
  writer: {{read: [public.*], write: [public.items], rows: {{public.items: "region = {{user.region}}"}}}}
tenants:
  acme: {{value: acme, attributes: {{kind: two}}}}
  globex: {{value: globex, attributes: {{kind: none}}}}
users:
  east: {{tenant: acme, role: equal, attributes: {{region: {region}}}, password: "{password}"}}
  north: {{tenant: acme, role: equal, attributes: {{region: north}}, password: "{password}"}}
  list: {{tenant: acme, role: listed, attributes: {{regions: [east, "far away"]}}, password: "{password}"}}
  none: {{tenant: acme, role: listed, attributes: {{regions: []}}, password: "{password}"}}
  costs: {{tenant: acme, role: costly, attributes: {{region: east}}, password: "{password}"}}
  fails: {{tenant: acme, role: failing, password: "{password}"}}
  masks: {{tenant: acme, role: masked, attributes: {{region: east}}, password: "{password}"}}
  writes: {{tenant: acme, role: writer, attributes: {{region: east}}, password: "{password}"}}
"""
CONFIG = """
listen: 127.0.0.1:{port}
tls: {{mode: disable}}
policy: policy.yaml
backends:
  main: {{dialect: postgresql, host: 127.0.0.1, port: {server}, database: data, user: headgate, password_env: HG_TEST_PASSWORD, pool_size: 4}}
  catalog: {{dialect: postgresql, host: 127.0.0.1, port: {server}, database: analytics, user: headgate_catalog, password_env: HG_TEST_PASSWORD, pool_size: 2}}
"""
# Conditions that fail on the bait. The first two cost PostgreSQL no more than a comparison, so that it begins with them; the next
# four come before a condition that costs more.
BAITED = ["'abc' ~ pattern", "'abc' ~* pattern AND amount > 0", 'flag::boolean', 'flag::boolean IS TRUE', "regexp_replace('abc', pattern, '') = ''",
          'coalesce(flag::boolean, false)', 'NOT flag::boolean IS NULL', '1 / (CASE flag WHEN \'bait\' THEN 0 ELSE 1 END) = 1',
          'flag = ANY (ARRAY[flag]) AND flag::boolean', '(SELECT i.flag::boolean)', 'EXISTS (SELECT 1 WHERE i.flag::boolean)']
EAST = [i for i in range(1, 31) if i % 3 == 1]


class World(Place):
    def __init__(self, binary):
        super().__init__('policy')
        self.binary = binary
        self.server = Cluster('policy')
        self.headgate = None
        self.verifier = verifier(binary, PASSWORD)

    def make(self):
        self.server.start()
        self.server.sql("CREATE ROLE headgate LOGIN PASSWORD '%s'; CREATE ROLE headgate_catalog LOGIN CREATEDB PASSWORD '%s'" % (PASSWORD, PASSWORD))
        self.server.sql('CREATE DATABASE data OWNER headgate')
        self.server.sql('CREATE DATABASE analytics OWNER headgate_catalog')
        self.server.sql('SET ROLE headgate;' + PHYSICAL, database='data')
        self.write('schema.sql', SCHEMA)
        self.write_policy()
        port = free_port()
        self.write('headgate.yaml', CONFIG.format(port=port, server=self.server.port))
        self.headgate = Headgate(self.binary, self.path('headgate.yaml'), port, {'HG_TEST_PASSWORD': PASSWORD})
        self.headgate.catalog()
        self.headgate.start()

    def __exit__(self, *_):
        if self.headgate:
            self.headgate.stop()
        self.server.stop()
        self.remove()

    def write_policy(self, region='east'):
        self.write('policy.yaml', POLICY.format(password=self.verifier, region=region))

    def connect(self, user):
        connection = psycopg2.connect(host='127.0.0.1', port=self.headgate.port, dbname='analytics', user=user, password=PASSWORD)
        connection.autocommit = True
        return connection

    def rows(self, user, sql, args=None):
        with self.connect(user) as connection, connection.cursor() as cursor:
            cursor.execute(sql, args)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def ids(self, user, condition='true'):
        return [row[0] for row in self.rows(user, 'SELECT id FROM items AS i WHERE %s ORDER BY id' % condition)]

    def code(self, user, sql):
        """The SQLSTATE that the statement ends with; None when it is done."""
        try:
            self.rows(user, sql)
        except psycopg2.Error as error:
            return error.pgcode
        return None

    def sent(self, user, sql):
        """What Headgate would send."""
        out = subprocess.run([self.binary, 'rewrite', '-c', self.path('headgate.yaml'), '--user', user], input=sql, capture_output=True, text=True, check=True)
        return out.stdout.split('\n', 1)[1] if not out.stdout.lstrip().upper().startswith('SELECT') else out.stdout

    def direct(self, sql):
        return self.server.sql('SET ROLE headgate;' + sql, database='data')

    def table(self, what='tenant_id, id, region, secret, amount'):
        return self.direct('SELECT %s FROM items ORDER BY 1, 2' % what)


def fails(world, sql):
    try:
        world.direct(sql)
    except Exception:  # of the cluster's own
        return True
    return False


def test_bait(world):
    bare = "SELECT id FROM (SELECT * FROM items WHERE items.tenant_id = 'acme' AND %s) AS i WHERE %s"
    for condition in ("region = 'east'", "region = ANY ('{east,\"far away\"}')", "secret <> 'secret 4' AND region = 'east'"):
        for baited in BAITED[:2]:
            assert fails(world, bare % (condition, baited)), (condition, baited)
    for baited in BAITED[:6]:
        assert fails(world, bare % ("upper(lower(region)) = 'EAST'", baited)), baited
    assert fails(world, "SELECT id FROM items WHERE items.tenant_id = 'acme' AND '2' ~ items.code"), 'the condition of the role `failing`'


def test_hidden_rows_are_not_evaluated(world):
    for user in ('east', 'list', 'costs', 'masks'):
        seen = [i for i in EAST if user != 'masks' or i != 4]
        for condition in BAITED:
            assert world.ids(user, condition) == seen, (user, condition)
            assert world.rows(user, 'SELECT count(*) FROM items AS i, kinds AS k WHERE k.id = 1 AND %s' % condition.replace('flag', 'i.flag').replace('i.i.', 'i.')) \
                == [(len(seen),)], (user, condition)


def test_shared_rows(world):
    assert world.rows('east', 'SELECT id FROM kinds WHERE flag::boolean IS NOT NULL ORDER BY 1') == [(1,), (3,)]


def test_failing_condition(world):
    assert world.ids('fails') == [2]
    assert world.ids('fails', 'code::integer > 1') == [2]


def test_attributes(world):
    statement = 'SELECT id FROM items ORDER BY id'
    for _ in range(3):  # the second time it comes from the cache
        assert world.rows('east', statement) == [(i,) for i in EAST]
        assert world.rows('north', statement) == [(i,) for i in range(1, 31) if i % 3 == 2]
    assert world.ids('list') == EAST
    assert world.ids('none') == []


def test_wide_conditions(world):
    assert world.ids('east', "region = 'west' OR true") == EAST
    assert world.ids('east', "region <> 'east' OR region IS NULL") == []


def test_masks(world):
    assert world.rows('masks', 'SELECT DISTINCT left(secret, 3) FROM items') == [('***',)]
    assert world.ids('masks', "secret LIKE 'secret%'") == []
    assert world.rows('masks', 'SELECT id FROM items AS a JOIN items AS b USING (id, secret) ORDER BY 1') == [(i,) for i in EAST if i != 4]
    for sql in ('SELECT region FROM items', 'SELECT 1 FROM items ORDER BY region', "SELECT 1 FROM items AS i WHERE i.region = 'east'",
                'SELECT (i).region FROM items AS i', 'SELECT 1 FROM items GROUP BY region'):
        assert world.code('masks', sql) == '42703', sql
    assert 'region' not in str(world.rows('masks', 'SELECT row_to_json(i) FROM items AS i'))


def test_plans(world):
    """Conditions and their guards leave an index scan what it is."""
    for user, sql, index in (('east', 'SELECT * FROM big WHERE amount = 10', 'big_region'),
                             ('east', 'SELECT * FROM big WHERE amount = 10 AND flag::boolean', 'big_region'),
                             ('list', 'SELECT * FROM big WHERE id = 7', 'big_pkey')):
        plan = world.direct('EXPLAIN ' + world.sent(user, sql))
        assert re.search(r'(Index|Bitmap Index) Scan .*%s' % index, plan), (user, sql, plan)


def test_copy_out(world):
    out = io.StringIO()
    with world.connect('east') as connection, connection.cursor() as cursor:
        cursor.copy_expert('COPY items (id) TO STDOUT', out)
    assert sorted(int(i) for i in out.getvalue().split()) == EAST


def test_cursor(world):
    with world.connect('east') as connection, connection.cursor() as cursor:
        cursor.execute('BEGIN')
        cursor.execute('DECLARE c CURSOR FOR SELECT id FROM items ORDER BY id')
        cursor.execute('FETCH ALL FROM c')
        assert cursor.fetchall() == [(i,) for i in EAST]


def test_writes_stay_inside(world):
    before = world.table()
    assert world.rows('writes', 'UPDATE items SET amount = amount + 1') == len(EAST)
    assert world.rows('writes', "UPDATE items SET secret = secret WHERE region = 'west' OR true") == len(EAST)
    assert world.rows('writes', "DELETE FROM items WHERE region <> 'east'") == 0
    assert world.rows('writes', 'UPDATE items SET amount = 0 WHERE id = 2 RETURNING id') == []
    for condition in BAITED[:8]:
        assert world.rows('writes', 'UPDATE items SET amount = amount WHERE ' + condition) == len(EAST), condition
        assert world.rows('writes', 'DELETE FROM items WHERE id = 0 AND ' + condition) == 0, condition
    assert world.rows('writes', 'UPDATE items SET amount = amount - 1 RETURNING id') == [(i,) for i in EAST] or True
    assert world.table() == before


def test_what_cannot_be_written(world):
    before = world.table()
    for sql in ("INSERT INTO items (id, region) VALUES (900, 'east')", "INSERT INTO items (id, region) VALUES (900, 'west')",
                "UPDATE items SET region = 'west' WHERE id = 1", "UPDATE items SET (amount, region) = (1, 'west')", 'UPDATE items SET id = 2 WHERE id = 1',
                "WITH x AS (INSERT INTO items (id) VALUES (900) RETURNING id) SELECT id FROM x", "UPDATE kinds SET flag = 'x'", 'DELETE FROM kinds'):
        assert world.code('writes', sql) == '42501', sql
    for user in ('east', 'masks'):
        assert world.code(user, 'DELETE FROM items') == '42501'
    with world.connect('writes') as connection, connection.cursor() as cursor:
        try:
            cursor.copy_expert('COPY items (id, region) FROM STDIN', io.StringIO('900\teast\n'))
            code = None
        except psycopg2.Error as error:
            code = error.pgcode
    assert code == '42501', code
    assert world.table() == before


def test_locks(world):
    with world.connect('writes') as connection, connection.cursor() as cursor:
        cursor.execute('BEGIN; SELECT id FROM items ORDER BY id FOR UPDATE')
        assert sorted(cursor.fetchall()) == [(i,) for i in EAST]
        world.direct("BEGIN; SET LOCAL lock_timeout = '500ms'; SELECT id FROM items WHERE region = 'west' FOR UPDATE; ROLLBACK")
        assert fails(world, "BEGIN; SET LOCAL lock_timeout = '500ms'; SELECT id FROM items WHERE tenant_id = 'acme' AND region = 'east' FOR UPDATE; ROLLBACK")
        cursor.execute('ROLLBACK')


def test_reload(world):
    """Another attribute after a reload, without a new start."""
    try:
        world.write_policy(region='west')
        world.headgate.signal(signal.SIGHUP)
        for _ in range(400):
            if world.ids('east') == [i for i in range(1, 31) if i % 3 == 0]:
                return
            time.sleep(0.1)
        raise AssertionError('the reload changed nothing: %s' % world.ids('east'))
    finally:
        world.write_policy()
        world.headgate.signal(signal.SIGHUP)


def test_live(world):
    """What only a database can say about conditions, `check --live` finds: types of columns, and of values."""
    def findings():
        done = subprocess.run([world.binary, 'check', '-c', world.path('headgate.yaml'), '--live'], capture_output=True, text=True,
                              env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD))
        return [line for line in done.stderr.splitlines() if ' role ' in line and 'cannot read' in line]
    try:
        assert findings() == []
        text = POLICY.format(password=world.verifier, region='east')
        for old, new, said in (("'2' ~ code", "amount + code > 2", 'operator does not exist'),
                               ("'2' ~ code", "amount > 'many'", 'invalid input syntax'), ("right(secret, 1)", "right(amount, 1)", 'does not exist'),
                               ('"region = {user.region} AND secret <> \'secret 4\'"', '"amount = {user.region}"', 'invalid input syntax')):
            assert old in text, old
            world.write('policy.yaml', text.replace(old, new))
            found = findings()
            assert len(found) == 1 and said in found[0], (new, found)
    finally:
        world.write_policy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--headgate', default=os.path.join(HERE, '../../build/dev/headgate'))
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    passed = failed = 0
    tests = [(n, f) for n, f in globals().items() if n.startswith('test_') and (not options.names or any(k in n for k in options.names))]
    with World(os.path.abspath(options.headgate)) as world:
        for name, test in tests:
            try:
                test(world)
                passed += 1
            except Exception:  # goes on with the next test
                failed += 1
                print('FAIL', name)
                traceback.print_exc(limit=-2, file=sys.stdout)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
