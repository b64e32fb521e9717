"""JSON lines, ids of statements, slow statements; and what must not stand in a log."""
import json
import os
import re
import subprocess
import time

import wire
from seen import LOG, PASSWORD

ID = re.compile(r"The statement's id is ([0-9a-z]+-[0-9a-z]+-[0-9a-z]+-[0-9a-z]+)\.$")


def id_of(result):
    found = ID.search(result.error.get('D', ''))
    return found and found.group(1)


def test_lines(world):
    world.see()
    with world.connect() as w:
        assert w.simple('COPY channels FROM \'/etc/passwd\'').sqlstate
    try:
        wire.connect('127.0.0.1', world.port, 'alice', 'wrong', 'analytics').end()
    except wire.LoginRefused:
        pass
    world.until(lambda: any('authentication' in line['message'] for line in world.logged()))
    for line in world.logged():
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', line['time']), line
        assert line['level'] in ('info', 'warning', 'error') and line['event'] and line['message']
        assert line['pid'] == world.headgate.process.pid
    refused = world.logged('refused')
    assert len(refused) == 1 and refused[0]['user'] == 'alice' and refused[0]['tenant'] == 'acme' and refused[0]['session']


def test_nothing_can_be_forged(world):
    """Names and texts with newlines, quotes, control characters, and bytes that are no UTF-8."""
    world.see(log=LOG + ', slow_statement: 1ms, redact: none', audit='file: forged.log')
    nasty = 'x"\n{"time":"now","event":"forged"}\r\n\x1b[2J\t\\'
    for user in (nasty, 'é' + '\x7f'):
        try:
            wire.connect('127.0.0.1', world.port, user, 'x', 'analytics').end()
        except (wire.LoginRefused, wire.Closed):
            pass
    with wire.Wire('127.0.0.1', world.port) as w:
        w.send(wire.packet(b'\x00\x03\x00\x00user\x00\xff\xfe\x00\x00'))
        w.recv()
    with world.connect(params={'application_name': nasty}) as w:
        w.simple('SELECT \'%s\' FROM nothing_such' % nasty)
        w.simple('SELECT \'%s\' FROM channels, generate_series(1, 300000)' % nasty)
    lines = world.audited_until(lambda lines: len(lines) == 2, 'forged.log')
    assert nasty in lines[0]['sql']
    log = world.stop()

    for line in log.split('\n'):
        assert all(c >= ' ' and c != '\x7f' for c in line), repr(line)
        if line.startswith('{'):
            assert json.loads(line)['event'] != 'forged'
    assert any(json.loads(line)['event'] == 'slow_statement' for line in log.split('\n') if line.startswith('{'))
    assert world.verify('forged.log')[0]


def test_text_lines(world):
    world.see(log='format: text, slow_statement: 1ms')
    with world.connect() as w:
        w.simple("SELECT count(*) FROM channels, generate_series(1, 300000) WHERE 'a\nb' <> ''")
    log = world.stop()
    slow = [line for line in log.split('\n') if 'slow statement' in line]
    assert len(slow) == 1 and re.match(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC \[\d+\] WARNING: slow statement statement="', slow[0]), log
    assert 'sql="SELECT count(*) FROM channels, generate_series(?, ?) WHERE ? <> ?"' in slow[0]


def test_ids_in_errors(world):
    """Refusals of Headgate's own tell the id, which is in the log; what a private database would say stays as it is."""
    world.see(audit='file: ids.log')
    with world.connect() as w, world.private() as there:
        ours = [w.simple('DROP TABLE channels'), w.extended('SELECT pg_read_file($1)', ['x']), w.simple('DELETE FROM channels'),
                w.extended('LISTEN x')]
        ids = [id_of(result) for result in ours if result.sqlstate in ('0A000', '42501')]
        assert ids and all(ids) and len(set(ids)) == len(ids), [result.error for result in ours]
        for statement in ('SELECT * FROM nothing_such', 'SELEC 1', 'SELECT 1/0 FROM channels', 'SELECT nothing FROM channels'):
            a, b = w.simple(statement), there.simple(statement)
            assert (a.error.get('D'), a.error['M'], a.error['C']) == (b.error.get('D'), b.error['M'], b.error['C']), (a.error, b.error)
        logged = {line['statement'] for line in world.logged('refused')}
        assert set(ids) <= logged, (ids, logged)
    audited = {line['statement']: line for line in world.audited_until(lambda lines: len(lines) >= 8, 'ids.log')}
    for each in ids:
        assert audited[each]['outcome'] == 'refused' and each.startswith(audited[each]['session'] + '-')


def test_ids_everywhere_or_nowhere(world):
    world.see(log='statement_id_in_errors: all')
    with world.connect() as w:
        for result in (w.simple('SELECT 1/0 FROM channels'), w.simple('SELECT * FROM nothing_such'), w.simple('DROP TABLE channels'),
                       w.extended('SELECT 1/$1::int FROM channels', ['0'])):
            assert id_of(result), result.error
    world.see(log='statement_id_in_errors: off')
    with world.connect() as w:
        assert not id_of(w.simple('DROP TABLE channels')) and not id_of(w.simple('SELECT 1/0 FROM channels'))


def test_slow_statements(world):
    trace = '0af7651916cd43dd8448eb211c80319c'
    world.see(log=LOG + ', slow_statement: 1500ms')
    with world.connect() as w:
        w.simple('SELECT 1 FROM channels')
        w.simple("SELECT count(*) FROM channels, generate_series(1, 12000000) WHERE name <> 'secret'"
                 " /*traceparent='00-%s-b7ad6b7169203331-01'*/" % trace)
    world.until(lambda: world.logged('slow_statement'))
    lines = world.logged('slow_statement')
    lines = [line for line in lines if 'generate_series' in line['sql']]  # on a machine under load others may be slow, too
    assert len(lines) == 1, lines
    line = lines[0]
    assert line['level'] == 'warning' and line['ms'] >= 1500 and line['backend'] == 'aurora' and line['rows'] == 1
    assert line['trace_id'] == trace and line['span_id'] == 'b7ad6b7169203331'
    assert 'secret' not in world.headgate.output() and 'WHERE name <> ?' in line['sql']
    assert world.metrics()('slow_statements_total') == len(world.logged('slow_statement'))


def left_out(world, kind):
    return sum(line['count'] for line in world.logged('left_out') if kind in line['kind'])


def test_a_flood_of_refusals_is_cut(world):
    world.see()
    with world.connect() as w:
        began = time.monotonic()
        w.send(wire.query('DROP TABLE channels') * 300)
        for _ in range(300):
            assert w.result().error
        seconds = time.monotonic() - began
        time.sleep(1.1)
        w.simple('DROP TABLE channels')
    assert world.metrics()('refusals_total', sqlstate='0A000', reason='feature_not_supported') == 301 or \
        world.metrics()('tenant_refused_total', tenant='acme') == 301
    logged = len(world.logged('refused'))
    assert 20 <= logged <= 20 * (seconds + 3) and logged + left_out(world, 'refused') == 301, (logged, world.logged('left_out'))
    assert not any(line.get('user') for line in world.logged('left_out')), 'it was about many'


def test_a_flood_of_each_kind_is_cut(world):
    """Whatever a client can have logged: each kind by itself, so that none hides another; nothing is lost without being counted."""
    world.see(log=LOG + ', slow_statement: 1ms, most_per_second: 5')
    began = time.monotonic()
    for _ in range(40):
        try:
            wire.connect('127.0.0.1', world.port, 'mallory', 'x', 'analytics').end()
        except wire.LoginRefused:
            pass
    seconds = time.monotonic() - began
    with world.connect() as w:
        for _ in range(40):
            w.simple('SELECT count(*) FROM channels, generate_series(1, 100000)')
    world.until(lambda: left_out(world, 'authentication failed') + sum('authentication failed' in line['message'] for line in world.logged('message')) == 40)
    assert 5 <= sum('authentication failed' in line['message'] for line in world.logged('message')) <= 5 * (seconds + 3)
    log = world.stop()  # the rest is told at the end
    lines = [json.loads(line) for line in log.split('\n') if line.startswith('{')]
    slow = [line for line in lines if line['event'] == 'slow_statement']
    assert 40 <= len(slow) + sum(line['count'] for line in lines if line['event'] == 'left_out' and line['kind'] == 'slow_statement') <= 120
    seconds = {}
    for line in lines:
        key = line['event'], line['message'][:12], line['time'][:19]
        seconds[key] = seconds.get(key, 0) + 1
    assert max(count for (event, _, _), count in seconds.items() if event in ('slow_statement', 'message', 'refused')) <= 10, seconds  # two bounds: a second's end is seen a little late
    world.see(log=LOG + ', most_per_second: 0')
    with world.connect() as w:
        for _ in range(100):
            w.simple('DROP TABLE channels')
    world.until(lambda: len(world.logged('refused')) == 100)


def test_messages_without_literals(world):
    world.see()
    with world.connect() as w:
        for statement in ("SELECT 1 'secret' 2", "SELECT 1 FROM 'secret'", "SELECT 'secret' 'secret'"):
            w.simple(statement)
    world.until(lambda: len(world.logged('refused')) == 3)
    assert 'secret' not in world.headgate.output(), world.logged('refused')


def begin_in_vain(world):
    """What is said by a start that must fail."""
    done = subprocess.run([world.binary, 'serve', '-c', world.path('headgate.yaml')], capture_output=True, text=True, timeout=20,
                          env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD))
    assert done.returncode == 1, done
    return done.stderr.rstrip('\n').split('\n')


def test_all_is_json(world):
    """What is said at the start, of reloads and at the end: lines of JSON like all others, each error with its place."""
    world.see()
    policy = open(world.path('policy.yaml'), encoding='utf8').read()
    broken = policy.replace('roles:', 'rolls:', 1) + 'nonsense: "a\\nb"\n'
    world.write('policy.yaml', broken)
    seen = len(world.logged())
    world.reload(good=False)
    wrong = [line for line in world.logged()[seen:] if line['event'] == 'configuration']
    assert len(wrong) >= 2 and all(line['level'] == 'error' and line['message'] and line['line'] and line['column'] for line in wrong), world.logged()[seen:]
    assert {line['file'] for line in wrong} == {world.path('policy.yaml')} and any('did you mean "roles"?' == line.get('hint') for line in wrong), wrong
    try:
        lines = [json.loads(line) for line in begin_in_vain(world)]
        assert [{k: line.get(k) for k in ('message', 'line', 'column', 'hint')} for line in lines] == [
            {k: line.get(k) for k in ('message', 'line', 'column', 'hint')} for line in wrong], lines
        world.write('policy.yaml', policy)
        lines = [json.loads(line) for line in begin_in_vain(world)]
        assert any('%d' % world.port in line['message'] and line['level'] == 'error' for line in lines), lines  # somebody listens there already
        config = open(world.path('headgate.yaml'), encoding='utf8').read()
        world.write('headgate.yaml', config + 'workers: many\nnonsense: 1\n')
        lines = [json.loads(line) for line in begin_in_vain(world)]
        assert any('nonsense' in line['message'] for line in lines), 'what of the file can be read is'
        world.write('headgate.yaml', config + ' nonsense\n')
        assert any(': error: ' in line for line in begin_in_vain(world)), 'without it the lines are text'
        world.write('headgate.yaml', config)
    finally:
        world.write('policy.yaml', policy)
    log = world.stop()
    assert all(json.loads(line)['level'] for line in log.rstrip('\n').split('\n')), log
    assert any(json.loads(line)['message'] == 'listening on 127.0.0.1:%d' % world.port for line in log.rstrip('\n').split('\n'))
    world.see()


def test_levels(world):
    world.see(log='format: json, level: error')
    with world.connect() as w:
        w.simple('DROP TABLE channels')
    assert world.logged() == []
    world.log_keys = LOG
    world.write_config()
    world.headgate.signal(1)
    world.until(lambda: any('reloaded' in line['message'] for line in world.logged()))  # takes effect at once


def test_passwords_stay_out(world):
    world.see(log=LOG + ', slow_statement: 1ms, redact: none', audit='file: pass.log, rewritten: text')
    with world.connect() as w:
        w.simple('SELECT count(*) FROM channels, generate_series(1, 300000)')
    try:
        wire.connect('127.0.0.1', world.port, 'alice', 'my-mistyped-secret', 'analytics').end()
    except wire.LoginRefused:
        pass
    text = world.stop() + open(world.path('pass.log'), encoding='utf8').read()
    assert 'session-password' not in text and 'my-mistyped-secret' not in text and 'SCRAM-SHA-256$' not in text
