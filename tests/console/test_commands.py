"""Every command and every role; and what the commands do."""
import json
import os
import re
import subprocess
import threading
import time

import wire
from world import CONSOLE, PASSWORD

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROLES = {'viewer': 'vera', 'operator': 'oscar', 'admin': 'root'}

# One use of every command of the table, and the SQLSTATE of its answer to who may use it (None: it works).
USES = {
    'SELECT': ('SELECT 1', None), 'WITH': ('WITH x AS (SELECT 1) SELECT * FROM x', None), 'VALUES': ('VALUES (1), (2)', None), 'SHOW': ('SHOW version', None),
    'REWRITE': ("REWRITE 'SELECT 1' AS alice", None), 'KILL': ('KILL 1', '42704'), 'PAUSE': ('PAUSE nowhere', '42704'), 'RESUME': ('RESUME nowhere', '42704'),
    'RELOAD DRY RUN': ('RELOAD DRY RUN', None), 'RELOAD': ('RELOAD', None), 'ROLLBACK TO GENERATION': ('ROLLBACK TO GENERATION 0', '55000'), 'DRAIN': (None, None),
    'BEGIN': ('BEGIN', None), 'START TRANSACTION': ('START TRANSACTION READ ONLY', None), 'COMMIT': ('COMMIT', None), 'END': ('END', None),
    'ROLLBACK TO': ('ROLLBACK TO SAVEPOINT x', None), 'ROLLBACK': ('ROLLBACK', None), 'ABORT': ('ABORT', None), 'SAVEPOINT': ('SAVEPOINT x', None),
    'RELEASE': ('RELEASE x', None), 'SET': ("SET application_name = 'x'", None), 'RESET': ('RESET ALL', None), 'DISCARD': ('DISCARD ALL', None),
    'UNLISTEN': ('UNLISTEN *', None), 'CLOSE': ('CLOSE ALL', None), 'DEALLOCATE': ('DEALLOCATE ALL', None),
}


def commands():
    """(words, minimum role) of the table in the code."""
    text = open(os.path.join(ROOT, 'proxy', 'admin', 'console_commands.h'), encoding='utf8').read()
    found = re.findall(r'X\(\w+, KIND_\w+, "([^"]+)", "[^"]*", HG_ADMIN_(\w+),', text)
    assert len(found) > 20, found
    return [(words, role.lower()) for words, role in found]


def test_every_command_and_role(world):
    """What is in the table and not here, or here and not in the table, is an error; so is a role that may more than it should, or less."""
    order = list(ROLES)
    assert {words for words, _ in commands()} == set(USES)
    for words, least in commands():
        sql, outcome = USES[words]
        for role, user in ROLES.items():
            may = order.index(role) >= order.index(least)
            if sql is None and may:
                continue  # DRAIN has a test of its own
            with world.console(user) as w:
                for result in (w.simple(sql or words), w.extended(sql or words)):
                    if may:
                        assert result.sqlstate == outcome, (words, role, result.error)
                    else:
                        assert result.sqlstate == '42501' and 'takes the role ' + least in result.error['D'], (words, role, result, result.error)
    with world.console() as w:
        listed = {row[0]: row[1] for row in w.simple('SHOW HELP').rows}
        for words, least in commands():
            assert [role for command, role in listed.items() if command.startswith(words)], words
        assert listed['RELOAD'] == 'admin' and listed['KILL session'] == 'operator' and listed['SHOW sessions'] == 'viewer'


def test_unknown_commands(world):
    with world.console() as w:
        for sql in ('FROBNICATE', 'SHUTDOWN', 'CREATE TABLE x (a int)', 'COPY x TO STDOUT', 'EXPLAIN SELECT 1', 'TRUNCATE sessions', 'LISTEN x', 'NOTIFY x', 'CALL x()', 'DO $$ x $$',
                    'PREPARE x AS SELECT 1', 'EXECUTE x', 'DECLARE x CURSOR FOR SELECT 1', 'FETCH x', 'GRANT x TO y', '"RELOAD"', "'RELOAD'", 'RE LOAD', '/* x */ FOO', '\\d', '?', '$1', ')'):
            for result in (w.simple(sql), w.extended(sql)):
                assert result.sqlstate == '42601' and 'SHOW HELP' in result.error.get('H', ''), (sql, result, result.error)


def test_wrong_arguments(world):
    with world.console() as w:
        for sql in ('KILL', 'KILL 1 2', 'KILL ;x', 'PAUSE', 'PAUSE a b', 'RELOAD x', 'RELOAD DRY', 'DRAIN x', 'REWRITE', "REWRITE 'x'", "REWRITE 'x' alice", "REWRITE 'x' AS", "REWRITE 'x' AS a b",
                    "REWRITE 'x AS a", 'ROLLBACK TO GENERATION', 'ROLLBACK TO GENERATION 1 2', 'KILL (1)', 'DEALLOCATE'):
            result = w.simple(sql)
            assert result.sqlstate == '42601', (sql, result, result.error)
        for sql in ('KILL x', 'KILL -1', 'KILL 99999999999999999999', "KILL ''", 'KILL 0'):
            assert w.simple(sql).sqlstate in ('42704', '42601'), sql
        for sql in ('ROLLBACK TO GENERATION x', 'ROLLBACK TO GENERATION 99999999999999999999'):
            assert w.simple(sql).sqlstate == '42601', sql
        assert w.simple('SELECT 1').rows == [('1',)] and world.headgate.alive()


def test_rewrite(world):
    with world.console('oscar') as w:
        result = w.simple("REWRITE 'SELECT name FROM campaigns; SELECT * FROM nothing; SET TimeZone = ''UTC''' AS alice")
        assert [c.name for c in result.columns] == ['statement', 'verdict', 'backend', 'sql', 'reasons', 'sqlstate', 'message', 'detail', 'hint', 'position']
        one, two, three = result.rows
        assert one[:3] == ('1', 'forwarded', 'redshift') and "tenant_id = 'acme-value'" in one[3] and 'redshift' in one[4] and one[5:] == (None,) * 5, one
        assert two[1] == 'refused' and two[5:7] == ('42P01', 'relation "nothing" does not exist') and two[9] == '43', two
        assert three[1] == 'answered by Headgate', three
        same = w.extended('REWRITE $1 AS $2', ['SELECT name FROM campaigns', 'bob'])
        assert "tenant_id = 'globex'" in same.rows[0][3], same.rows
        assert w.simple("REWRITE $$SELECT 'it''s'$$ AS alice").rows[0][1] == 'forwarded'
        assert w.simple("REWRITE E'SELECT ''a\\\\'' ' AS alice").rows[0][1] == 'forwarded'
        assert w.simple("REWRITE 'SELECT 1' AS nobody").sqlstate == '42704'
        assert w.simple("REWRITE 'SELECT 1' AS root").sqlstate == '42704', 'an administrator is no tenant'
        assert w.simple("REWRITE 'SELECT ((' AS alice").rows[0][5] == '42601'
        assert w.simple("REWRITE '' AS alice").error is None
        assert w.simple("REWRITE '%s' AS alice" % ('SELECT 1;' * 2000)).error is None


def test_kill(world):
    with world.console('oscar') as o, world.console('root') as r, world.tenant('alice') as a, world.tenant('bob') as b:
        a.send(wire.query('SELECT count(*) FROM generate_series(1, 100000000)'))
        world.until(lambda: o.simple('SELECT state FROM sessions WHERE id = %d' % a.pid).rows == [('active',)])
        assert o.simple('KILL %d' % a.pid).tag == 'KILL'
        fields = wire.decode_fields([m for m in a.recv_to_end() if m[0] == 'E'][0][1])
        assert fields['C'] == '57P01' and fields['S'] == 'FATAL', fields
        a.drop()
        world.until(lambda: o.simple('KILL %d' % a.pid).sqlstate == '42704')
        assert b.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert o.extended('KILL $1', [str(b.pid)]).tag == 'KILL'
        assert [m for m in b.recv_to_end() if m[0] == 'E']
        assert o.simple('KILL %d' % r.pid).sqlstate == '42501', 'an operator ends no administrator'
        assert r.simple('KILL %d' % o.pid).tag == 'KILL'
        assert 'console: root, from 127.0.0.1:' in world.headgate.output() and ': KILL %d' % o.pid in world.headgate.output(), 'it is logged'
        r.send(wire.query('KILL %d' % r.pid))  # oneself, too
        assert [m for m in r.recv_to_end() if m[0] == 'E']


def test_reload(world):
    with world.console() as w, world.tenant('alice') as a:
        before = int(w.simple('SELECT generation FROM generations WHERE current').rows[0][0])
        world.write_policy(users={'alice': 'acme', 'dora': 'globex'})
        result = w.simple('RELOAD')
        number = re.match(r'generation (\d+) is current$', result.rows[-1][0])
        assert result.tag == 'RELOAD' and number and int(number.group(1)) > before, result.rows
        rows = w.simple('SELECT generation, current, users FROM generations ORDER BY generation DESC').rows
        assert rows[0] == (number.group(1), 't', '2') and rows[1] == (str(before), 'f', '3'), rows
        assert w.simple('SELECT generation FROM version').rows == [(number.group(1),)]
        with world.tenant('dora') as d:
            assert d.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert a.simple('SELECT 1').rows == [('1',)]


def test_reload_with_errors(world):
    with world.console() as w:
        before = w.simple('SHOW generations').rows
        world.write_policy(more='  x: {tenant: nowhere, role: analyst, password: "x"}\n  y: {tenant: acme, role: nobody, password: "%s"}\n' % world.verifier)
        for sql in ('RELOAD', 'RELOAD DRY RUN'):
            result = w.simple(sql)
            lines = result.error['D'].strip().split('\n')
            assert result.sqlstate == 'F0000' and '3 errors' in result.error['M'], result.error
            assert len(lines) >= 3 and all(re.match(r'.*policy\.yaml:\d+:\d+: error: ', line) for line in lines), lines
        assert w.simple('SHOW generations').rows == before
        assert 'reload of' in world.headgate.output()


def test_dry_run_changes_nothing(world):
    with world.console('oscar') as w:
        before = w.simple('SELECT generation, current FROM generations').rows
        world.write_policy(users={'alice': 'acme'})
        assert w.simple('RELOAD DRY RUN').error is None
        assert w.simple('SELECT generation, current FROM generations').rows == before
        with world.tenant('bob') as b:
            assert b.simple('SELECT 1').rows == [('1',)]


def test_many_reloads_at_once(world):
    """Each is answered, by a load that began after it was asked for."""
    answers = []

    def work():
        with world.local() as w:
            for _ in range(5):
                answers.append(w.simple('RELOAD', timeout=100))

    threads = [threading.Thread(target=work) for _ in range(8)]
    with world.tenant('alice') as a:
        for thread in threads:
            thread.start()
        while any(t.is_alive() for t in threads):
            assert a.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
    assert len(answers) == 40 and not [r for r in answers if r.error], [r.error for r in answers if r.error][:2]


def command_line(world, *arguments):
    done = subprocess.run([world.binary, 'reload', '-c', world.path('headgate.yaml'), *arguments], capture_output=True, text=True,
                          env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD), timeout=200)
    return done.returncode, done.stdout, done.stderr


def test_command_line(world):
    status, out, error = command_line(world)
    assert status == 0 and re.search(r'generation \d+ is current\n$', out) and error == '', (status, out, error)
    status, out, error = command_line(world, '--dry-run')
    assert status == 0 and 'no changes of the policy' in out and out.endswith('\nthe configuration could be loaded\n'), (status, out, error)
    world.write('headgate.yaml', open(world.path('headgate.yaml')).read().replace('workers: 2', 'workers: 3'))
    status, out, error = command_line(world)
    assert status == 1 and '"workers" cannot change while running' in error and 'nothing was changed' in error, (status, out, error)
    world.write_config()
    world.write_policy(more='  x: {tenant: nowhere}\n')
    status, out, error = command_line(world)
    assert status == 1 and 'policy.yaml:' in error and ': error: ' in error, (status, out, error)
    assert subprocess.run([world.binary, 'reload'], capture_output=True).returncode == 2


def test_pause(world):
    with world.console('oscar') as o, world.tenant('alice') as a, world.tenant('bob') as b, world.tenant('carol') as c:
        a.simple('BEGIN; SELECT * FROM campaigns')
        assert o.simple('PAUSE redshift').tag == 'PAUSE'
        assert o.simple("SELECT paused FROM backends WHERE backend = 'redshift'").rows == [('t',)]
        assert a.simple('SELECT count(*) FROM campaigns; COMMIT').error is None, 'who has a connection keeps it'
        world.until(lambda: o.simple("SELECT idle + lent FROM pools WHERE backend = 'redshift'").rows == [('0',)])
        began = time.time()
        result = b.simple('SELECT * FROM campaigns')
        assert result.sqlstate == '57P03' and 'backend "redshift" is paused' in result.error['M'] and time.time() - began > 3.5, result.error
        assert c.simple('SELECT 1').rows == [('1',)], 'others are not'
        b.send(wire.query('SELECT count(*) FROM campaigns'))
        world.until(lambda: o.simple("SELECT waiting FROM pools WHERE backend = 'redshift'").rows == [('1',)])
        assert o.simple('SELECT state, backend FROM sessions WHERE id = %d' % b.pid).rows[0][0] == 'waiting'
        assert o.simple('RESUME redshift').tag == 'RESUME'
        assert b.result().rows == [('10',)]
        assert o.simple('PAUSE ALL').error is None
        assert o.simple('SELECT DISTINCT paused FROM pools').rows == [('t',)]
        assert c.simple('SELECT 1').sqlstate == '57P03'
        with world.console() as r:
            world.write_config(pool=3)
            assert r.simple('RELOAD').error is None
        assert o.simple('SELECT DISTINCT size, paused FROM pools').rows == [('3', 't')], 'a reload resumes nothing'
        assert c.simple('SELECT 1').sqlstate == '57P03'
        assert o.simple('RESUME ALL').error is None
        assert c.simple('SELECT 1').rows == [('1',)] and b.simple('SELECT count(*) FROM campaigns').rows == [('10',)]


def waiting(o, count):
    return lambda: o.simple("SELECT waiting FROM pools WHERE backend = 'redshift'").rows == [(str(count),)]


def test_pause_over_a_reload(world):
    """Who waits for a paused backend waits for what a reload makes of it, over several reloads, and is served by RESUME: in order, and within
    the time that was left."""
    world.write_config(queue='20s')
    with world.console() as r, world.tenant('alice') as a, world.tenant('bob') as b, world.tenant('carol') as c:
        assert r.simple('RELOAD').error is None and r.simple('PAUSE redshift').error is None
        a.send(wire.query('SELECT count(*) FROM campaigns'))
        world.until(waiting(r, 1))
        for pool, others in ((3, b), (4, c)):
            world.write_config(queue='20s', pool=pool)
            assert r.simple('RELOAD').error is None
            others.send(wire.query('SELECT count(*) FROM campaigns'))
            world.until(waiting(r, {3: 2, 4: 3}[pool]))
        assert r.simple("SELECT size, paused FROM pools WHERE backend = 'redshift'").rows == [('4', 't')]
        began = time.time()
        assert r.simple('RESUME redshift').error is None
        assert [w.result().rows for w in (a, b, c)] == [[('10',)]] * 3 and time.time() - began < 15
        assert r.simple("SELECT size, paused FROM pools WHERE backend = 'redshift'").rows == [('4', 'f')]


def test_pause_of_a_backend_that_becomes_another_one(world):
    """What was rewritten for the one is not sent to the other: who waits is told, at once. So is who asks for it later, in a transaction of before."""
    world.write_config(queue='20s')
    with world.console() as r, world.tenant('alice') as a, world.tenant('bob') as b:
        assert r.simple('RELOAD').error is None and r.simple('PAUSE redshift').error is None
        b.simple('BEGIN; SELECT 1')
        a.send(wire.query('SELECT count(*) FROM campaigns'))
        world.until(waiting(r, 1))
        world.write_config(queue='20s', walls='on')
        began = time.time()
        assert r.simple('RELOAD').error is None
        told = [a.result(), b.simple('SELECT count(*) FROM campaigns')]
        assert [t.sqlstate for t in told] == ['57P03'] * 2 and all('is another one by now' in t.error['M'] for t in told), told
        assert time.time() - began < 18
        b.simple('ROLLBACK')
        assert r.simple('RESUME redshift').error is None


def test_audit(world):
    """Logins, commands with what came of them, and what was refused; no query of the tables, and no text that was rewritten."""
    world.stop()
    world.write_config(more='audit: {file: audit.log}\n')
    world.start()
    try:
        with world.tenant('alice') as a, world.console('oscar') as o, world.console('vera') as v, world.local() as r:
            o.simple('SELECT * FROM sessions')
            o.simple('PAUSE redshift; RESUME redshift')
            assert o.simple('PAUSE nowhere').sqlstate == '42704' and o.simple('RELOAD').sqlstate == '42501' and v.simple("REWRITE 'SELECT 1' AS alice").sqlstate == '42501'
            assert o.extended("REWRITE 'SELECT ''a secret'' FROM campaigns' AS alice").error is None
            assert o.extended('KILL %d' % a.pid).error is None
            assert r.simple('RELOAD').error is None
        try:
            world.console('oscar2')
        except wire.LoginRefused:
            pass
        def lines(event):
            with open(world.path('audit.log'), encoding='utf8') as file:
                return [line for line in map(json.loads, file) if line['event'] == event and line['database' if event != 'reload' else 'wish'] in ('headgate', 'reload')]
        world.until(lambda: len(lines('disconnect')) == 3 and len(lines('login_failed')) == 1)
        assert [(line['user'], line['role'], line['method']) for line in lines('login')] == [
            ('oscar', 'operator', 'scram'), ('vera', 'viewer', 'scram'), ('anybody', 'admin', 'socket')], lines('login')
        assert [(line['user'], line['command'], line.get('argument'), line['outcome'], line['sqlstate']) for line in lines('console')] == [
            ('oscar', 'PAUSE', 'redshift', 'ok', '00000'), ('oscar', 'RESUME', 'redshift', 'ok', '00000'), ('oscar', 'PAUSE', 'nowhere', 'error', '42704'),
            ('oscar', 'RELOAD', None, 'refused', '42501'), ('vera', 'REWRITE', None, 'refused', '42501'), ('oscar', 'REWRITE', 'alice', 'ok', '00000'),
            ('oscar', 'KILL', str(a.pid), 'ok', '00000'), ('anybody', 'RELOAD', None, 'ok', '00000')], lines('console')
        assert lines('console')[0]['client'].startswith('127.0.0.1:')
        assert [(line['wish'], line['by'], line['outcome']) for line in lines('reload')] == [('reload', 'console', 'ok')]
        assert [line['outcome'] for line in lines('disconnect')] == ['closed'] * 3 and lines('login_failed')[0]['user'] == 'oscar2'
        assert 'a secret' not in open(world.path('audit.log'), encoding='utf8').read()
    finally:
        world.write_config()
        world.stop()
        world.start()


def test_when_all_databases_are_down(world):
    with world.tenant('alice') as a:
        a.simple('SELECT * FROM campaigns')
        world.cluster.kill9()
        with world.console() as w:
            assert len(w.simple('SHOW sessions').rows) == 2 and w.simple('RELOAD').error is None
            assert a.simple('SELECT * FROM campaigns').error is not None
            assert w.simple("SELECT sum(failed) > 0 FROM pools").rows == [('1',)]
            for table in ('pools', 'backends', 'limits', 'caches', 'users'):
                assert w.simple('SHOW ' + table).error is None
        with world.local() as w:
            assert w.simple('SELECT 1').rows == [('1',)]


def test_drain(world):
    """Consoles see it to its end, and go with the last client."""
    with world.console('root') as w, world.console('vera') as v, world.tenant('alice') as a, world.tenant('bob') as b:
        a.simple('BEGIN; SELECT * FROM campaigns')
        assert w.simple('DRAIN').tag == 'DRAIN'
        assert [m for m in b.recv_to_end() if m[0] == 'E'], 'the idle one is told'
        assert v.simple("SELECT \"user\", state FROM sessions WHERE kind = 'client' AND state <> 'closing'").rows == [('alice', 'idle in transaction')]
        assert w.simple('RELOAD').sqlstate == '57P03'
        assert w.simple('DRAIN').error is None, 'once more is harmless'
        assert a.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        a.send(wire.query('COMMIT'))
        a.recv_to_end()
        for console in (w, v):
            assert wire.decode_fields([m for m in console.recv_to_end() if m[0] == 'E'][0][1])['C'] == '57P01'
        world.headgate.process.wait(60)
        assert world.headgate.process.returncode == 0
        assert not os.path.exists(world.path('.s.PGSQL.%d' % world.port)), 'the socket is gone'


test_drain.ends = True


def test_terminated_while_consoles_work(world):
    """SIGTERM with queries, reloads and idle consoles under way: it ends soon, with nothing left over."""
    consoles = [world.console() for _ in range(6)]
    for w in consoles[:4]:
        w.send(wire.query('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'))
    consoles[4].send(wire.query('RELOAD'))
    time.sleep(0.2)
    began = time.time()
    world.headgate.signal(15)
    world.headgate.process.wait(60)
    assert world.headgate.process.returncode == 0 and time.time() - began < 25, world.headgate.output()[-3000:]
    for w in consoles:
        w.drop()


test_terminated_while_consoles_work.ends = True


def test_a_socket_that_was_left_over(world):
    path = world.path('.s.PGSQL.%d' % world.port)
    world.headgate.process.kill()
    world.headgate.process.wait()
    world.headgate.process = None
    assert os.path.exists(path)
    world.start()
    with world.local() as w:
        assert w.simple('SELECT 1').rows == [('1',)]
    # One that is in use is not taken away.
    text = open(world.path('headgate.yaml')).read().replace('listen: 127.0.0.1:%d' % world.port, 'listen: 127.0.0.2:%d' % world.port)
    world.write('other.yaml', text)
    other = subprocess.run([world.binary, 'serve', '-c', world.path('other.yaml')], capture_output=True, text=True, timeout=200,
                           env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD))
    assert other.returncode != 0 and 'admin.socket' in other.stderr, other
    with world.local() as w:
        assert w.simple('SELECT 1').rows == [('1',)]


def test_names(world):
    """Commands take names in any form; nothing in them is executed."""
    with world.console() as w:
        assert w.simple('pause "aurora"').error is None and w.simple("resume 'aurora'").error is None
        assert w.simple("PAUSE 'aurora; DROP'").sqlstate == '42704'
        assert w.simple("  /* c */ rEsUmE -- x\n aLL ; ").error is None
        assert CONSOLE == 'headgate'
