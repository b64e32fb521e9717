"""A line for each statement, bound to the one before; rotation, restart, torn lines, a full disk."""
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import wire
from headgate import Headgate
from seen import PASSWORD

MEMBERS = {'seq', 'time', 'event', 'statement', 'session', 'user', 'tenant', 'role', 'client', 'application', 'database', 'sql', 'fingerprint',
           'generation', 'rows', 'bytes', 'queued_us', 'total_us', 'outcome', 'sqlstate', 'prev'}


def begin(world, keys='', **config):
    """A fresh log."""
    world.stop()
    for name in os.listdir(world.directory):
        if name.startswith('audit.log'):
            os.unlink(world.path(name))
    world.see(audit='file: audit.log' + (', ' + keys if keys else ''), **config)


def by_text(lines, text):
    found = [line for line in lines if text in line['sql']]
    assert len(found) == 1, (text, [line['sql'] for line in lines])
    return found[0]


def test_lines(world):
    begin(world, 'rewritten: text')
    with world.connect(user='wendy', params={'application_name': 'the tool'}) as w:
        w.simple("SELECT name FROM channels WHERE id = 1; SELECT 'two' FROM channels")
        w.extended('SELECT id FROM channels WHERE id = $1', ['2'])
        w.simple('SELECT 1/0 FROM channels')
        w.simple('DROP TABLE channels')
        w.simple('SET application_name = other')
        w.simple("INSERT INTO audit (id, note) VALUES (1, 'a'), (2, 'b')")
        w.simple('')
    lines = world.audited_until(lambda lines: len(lines) == 8)
    for line in lines:
        assert set(line) - {'backend', 'rewritten', 'hash', 'received'} == MEMBERS, line
        assert line['user'] == 'wendy' and line['tenant'] == 'acme' and line['role'] == 'writer' and line['database'] == 'analytics'
        assert re.fullmatch(r'127\.0\.0\.1:\d+', line['client']) and line['statement'].startswith(line['session'] + '-')
        assert 0 <= line['queued_us'] <= line['total_us'] < 60e6 and line['generation'] >= 1
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z', line['time'])
    assert len({line['statement'] for line in lines}) == 8
    one = by_text(lines, 'WHERE id = 1')
    assert one['sql'] == 'SELECT name FROM channels WHERE id = 1' and one['backend'] == 'aurora' and one['rows'] == 1
    assert one['outcome'] == 'ok' and one['sqlstate'] == '00000' and one['application'] == 'the tool' and one['bytes'] > 10
    assert 'channels' in one['rewritten'] and 'wendy' not in one['rewritten']
    assert by_text(lines, "'two'")['rows'] == 2
    bound = by_text(lines, '$1')
    assert bound['rows'] == 1 and bound['fingerprint'] != one['fingerprint'] and bound['rewritten']
    assert by_text(lines, '1/0')['outcome'] == 'error' and by_text(lines, '1/0')['sqlstate'] == '22012'
    refused = by_text(lines, 'DROP')
    assert refused['outcome'] == 'refused' and refused['sqlstate'] != '00000' and 'backend' not in refused and 'rewritten' not in refused
    assert by_text(lines, 'SET app')['outcome'] == 'ok' and 'backend' not in by_text(lines, 'SET app')
    written = by_text(lines, 'INSERT')
    assert written['rows'] == 2 and "'acme'" in written['rewritten'] and written['application'] == 'other'
    assert os.stat(world.path('audit.log')).st_mode & 0o777 == 0o600
    assert world.verify('audit.log')[0]


def test_protocol(world):
    """Pipelines with an error in the middle, portals in parts, COPY both ways, PREPARE, cursors, a client that goes."""
    begin(world)
    with world.connect(user='wendy') as w:
        w.send(b''.join(wire.parse('', sql) + wire.bind('', '') + wire.execute() for sql in
                        ('SELECT 10 FROM channels', 'SELECT 1/0 FROM channels', 'SELECT 30 FROM channels')) + wire.sync())
        w.recv_until('Z')
        w.send(wire.parse('', 'SELECT i FROM generate_series(1, 5) i') + wire.bind('p', '') + wire.execute('p', 2) + wire.execute('p', 0) + wire.sync())
        w.recv_until('Z')
        w.send(wire.query('COPY audit (id, note) FROM STDIN'))
        w.recv_until('G')
        w.send(wire.copy_data(b'7\tx\n8\ty\n') + wire.copy_done())
        w.recv_until('Z')
        w.simple('COPY channels TO STDOUT')
        w.simple('PREPARE s AS SELECT 40 FROM channels')
        w.simple('EXECUTE s')
        w.simple('BEGIN; DECLARE c CURSOR FOR SELECT 50 FROM channels; FETCH ALL FROM c; COMMIT')
        w.send(wire.parse('', 'SELECT nothing FROM channels') + wire.sync())
        w.recv_until('Z')
    gone = world.connect()
    gone.send(wire.query('SELECT count(*) FROM messages, generate_series(1, 2000000) WHERE 60 = 60'))
    world.until(lambda: world.running('2000000'))
    gone.drop()
    lines = world.audited_until(lambda lines: any('60 = 60' in line['sql'] for line in lines))
    outcomes = {line['sql']: line['outcome'] for line in lines}
    assert outcomes['SELECT 10 FROM channels'] == 'ok' and outcomes['SELECT 1/0 FROM channels'] == 'error'
    assert 'SELECT 30 FROM channels' not in outcomes  # it never ran
    assert [line['rows'] for line in lines if 'generate_series(1, 5)' in line['sql']] == [2, 3]
    copied = by_text(lines, 'COPY audit')
    assert copied['rows'] == 2 and copied['received'] == 8
    assert by_text(lines, 'COPY channels')['rows'] == 2 and by_text(lines, 'COPY channels')['bytes'] > 10
    assert by_text(lines, 'PREPARE s')['outcome'] == 'ok' and by_text(lines, 'EXECUTE s')['rows'] == 2
    assert by_text(lines, 'FETCH')['rows'] == 2 and outcomes['BEGIN'] == 'ok' and by_text(lines, 'DECLARE')['outcome'] == 'ok'
    assert by_text(lines, 'nothing')['outcome'] in ('refused', 'error')
    assert by_text(lines, '60 = 60')['outcome'] == 'abandoned'
    assert len({line['statement'] for line in lines}) == len(lines)


def by_event(world, event, name='audit.log'):
    return world.audited(name, event)


def refused_login(world, user, password, database='analytics'):
    try:
        wire.connect('127.0.0.1', world.port, user, password, database).end()
    except wire.LoginRefused as error:
        return error.sqlstate
    raise AssertionError('logged in')


def test_logins(world):
    """Who came in and how, who was not let in and why, who went and how; in the same chain."""
    begin(world)
    with world.connect(user='wendy', params={'application_name': 'the tool'}) as w:
        w.simple('SELECT 1 FROM channels')
        pid = w.pid
    with world.connect() as w:
        w.simple('SELECT 2 FROM channels')
        w.drop()
    assert refused_login(world, 'alice', 'wrong-password-1') == '28P01' and refused_login(world, 'nobody"\n', 'wrong-password-2') == '28P01'
    assert refused_login(world, 'alice', PASSWORD, 'elsewhere') == '3D000'
    with world.connect('bob') as bob, world.connect('bob') as killer:
        assert killer.simple('SELECT pg_terminate_backend(%d)' % bob.pid).rows == [('t',)]
        world.until(lambda: len(by_event(world, 'disconnect')) == 3)
    world.until(lambda: len(by_event(world, 'disconnect')) == 4)
    logins, failed, gone = (by_event(world, event) for event in ('login', 'login_failed', 'disconnect'))
    assert [(line['user'], line['tenant'], line['role'], line['method'], line['tls']) for line in logins[:2]] == [
        ('wendy', 'acme', 'writer', 'scram', 'no'), ('alice', 'acme', 'analyst', 'scram', 'no')], logins
    assert len(logins) == 4 and logins[0]['application'] == 'the tool' and logins[0]['database'] == 'analytics' and pid
    assert all(re.fullmatch(r'127\.0\.0\.1:\d+', line['client']) and line['generation'] >= 1 for line in logins + failed)
    assert [(line['user'], line['database'], line['sqlstate'], line.get('reason')) for line in failed] == [
        ('alice', 'analytics', '28P01', None), ('nobody"\n', 'analytics', '28P01', 'which does not exist'), ('alice', 'elsewhere', '3D000', None)], failed
    assert 'authentication failed' in failed[0]['message'] and not any('tenant' in line or 'role' in line for line in failed), failed
    assert [(line['user'], line['outcome'], line.get('sqlstate'), line['statements']) for line in gone[:3]] == [
        ('wendy', 'closed', None, 1), ('alice', 'lost', None, 1), ('bob', 'terminated', '57P01', 0)], gone
    assert [line['session'] for line in gone[:2]] == [line['session'] for line in logins[:2]] == [line['session'] for line in world.audited()[:2]]
    assert all(0 <= line['connected_ms'] < 60000 for line in gone)
    text = open(world.path('audit.log'), encoding='utf8').read()
    assert 'wrong-password' not in text and world.verify('audit.log')[0]


def test_failed_logins_fill_no_disk(world):
    begin(world)
    for _ in range(60):
        refused_login(world, 'alice', 'wrong')
    def counted():
        lines = by_event(world, 'login_failed')
        return sum(line.get('left_out', 1) for line in lines) == 60
    world.until(counted)
    lines = by_event(world, 'login_failed')
    seconds = {}
    for line in lines:
        if 'left_out' not in line:
            seconds[line['time'][:19]] = seconds.get(line['time'][:19], 0) + 1
    assert max(seconds.values()) <= 40, seconds  # 20 in each second, as the workers see its end
    assert world.verify('audit.log')[0]


def test_reloads(world):
    begin(world)
    good = open(world.path('policy.yaml'), encoding='utf8').read()
    first = by_event(world, None)[0]
    assert first['event'] == 'start'
    world.reload()
    world.write('policy.yaml', good + 'nonsense: 1\n')
    world.headgate.signal(signal.SIGHUP)
    world.until(lambda: len(by_event(world, 'reload')) == 2)
    world.write('policy.yaml', good)
    lines = by_event(world, 'reload')
    assert [(line['wish'], line['by'], line['outcome'], line['errors']) for line in lines] == [
        ('reload', 'signal', 'ok', 0), ('reload', 'signal', 'error', 1)], lines
    assert lines[0]['generation'] == lines[1]['generation'] > 1 and world.verify('audit.log')[0]


def test_parameters(world):
    begin(world)
    with world.connect() as w:
        w.extended('SELECT id FROM channels WHERE name = $1', ['a value'])
    assert 'parameters' not in world.audited_until(lambda lines: len(lines) == 1)[0], 'nobody has asked for them'
    begin(world, 'parameters: true')
    with world.connect() as w:
        w.extended('SELECT id FROM channels WHERE name = $1 AND id = $2 AND $3::text IS NULL', ['o\'hara"\n', b'\x00\x00\x00\x07', None])
        w.extended('SELECT 1 FROM channels')
        w.send(wire.parse('s', 'SELECT id FROM channels WHERE name = $1') + wire.bind('a', 's', ['first']) + wire.bind('b', 's', ['second']) +
               wire.execute('b') + wire.execute('a', 1) + wire.close('P', 'b') + wire.sync())
        assert not w.result().error
        w.extended('SELECT id FROM channels WHERE name = $1 OR name = $2', ['short', 'x' * 100000])
        w.extended('SELECT set_config($1, $2, false)', ['application_name', 'named by a parameter'])
        w.extended('SELECT 1 / $1::int FROM channels', ['0'])
        w.extended('SELECT id FROM channels WHERE name IN (%s)' % ', '.join('$%d' % i for i in range(1, 4001)), ['v'] * 4000)
    lines = world.audited_until(lambda lines: len(lines) == 8)
    values = [line.get('parameters') for line in lines]
    assert values[0] == ['o\'hara"\n', '\\x00000007', None] and values[1] in (None, []), values[:2]
    assert values[2:4] == [['second'], ['first']] and 'parameters_cut' not in lines[3]
    assert values[4][0] == 'short' and set(values[4][1]) == {'x'} and 8000 < len(values[4][1]) < 8192 and lines[4]['parameters_cut'] is True
    assert values[5] == ['application_name', 'named by a parameter'] and (values[6], lines[6]['outcome']) == (['0'], 'error'), (values[5:7], lines[5:7])
    assert 0 < len(values[7]) < 4000 and set(values[7]) == {'v'} and lines[7]['parameters_cut'] is True, (len(values[7]), str(lines[7])[-900:])
    assert world.verify('audit.log')[0]
    with world.connect() as w:  # of one among many less is kept
        w.send(wire.parse('m', 'SELECT id FROM channels WHERE name = $1') + b''.join(wire.bind('p%d' % i, 'm', ['y' * 1000]) for i in range(70)) +
               wire.execute('p0') + wire.execute('p69') + wire.sync())
        assert not w.result().error
    lines = world.audited_until(lambda lines: len(lines) == 10)
    assert [len(line['parameters'][0]) for line in lines[8:9]] == [1000] and 200 < len(lines[9]['parameters'][0]) < 256 and lines[9]['parameters_cut'], lines[8:]
    world.audit_keys = 'file: audit.log, parameters: true, redact: literals'
    world.write_config()
    world.reload()  # takes effect at once
    with world.connect() as w:
        w.extended('SELECT id FROM channels WHERE name = $1 AND $2::text IS NULL', ['secret', None])
    last = world.audited_until(lambda lines: len(lines) == 11)[-1]
    assert last['parameters'] == ['?', '?'] and 'secret' not in json.dumps(last)


def test_line_before_answer(world):
    """What a client has read the end of is at least queued: a killed client, then an orderly end, lose nothing."""
    begin(world)
    with world.connect() as w:
        for i in range(200):
            w.simple('SELECT %d FROM channels' % i)
        world.stop()
    assert len(world.audited()) == 200 and world.verify('audit.log')[0]
    world.start()


def test_order_of_several_workers(world):
    begin(world, workers=4)
    def work(number):
        with world.connect() as w:
            for i in range(150):
                w.simple('SELECT %d, %d FROM channels' % (number, i))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.stop()
    lines = world.audited()
    assert len(lines) == 1200 and len({line['statement'] for line in lines}) == 1200
    for number in range(8):
        own = [line['sql'] for line in lines if line['sql'].startswith('SELECT %d,' % number)]
        assert own == ['SELECT %d, %d FROM channels' % (number, i) for i in range(150)]
    assert world.verify('audit.log')[0]
    world.start()


def some_log(world, keys='', count=10):
    begin(world, keys)
    with world.connect() as w:
        for i in range(count):
            w.simple('SELECT %d FROM channels' % i)
    log = world.stop()
    return re.search(r'(?:hash|MAC) ([0-9a-f]{64})', log[log.rindex('" ends with'):]).group(1)


def tampered(world, change):
    """What is said of a copy that was changed."""
    with open(world.path('audit.log'), encoding='utf8') as file:
        lines = file.read().split('\n')[:-1]
    change(lines)
    with open(world.path('changed.log'), 'w', encoding='utf8') as file:
        file.write(''.join(line + '\n' for line in lines))
    return 'changed.log'


def swap(lines):
    lines[4], lines[5] = lines[5], lines[4]


def test_verify(world):
    last = some_log(world)
    good, said = world.verify('audit.log')
    assert good and 'sound: 14 lines, 1 to 14' in said and last in said, said
    assert world.verify('audit.log', last=last)[0]
    with open(world.path('audit.log'), encoding='utf8') as file:  # anybody can check it
        previous = '0' * 64
        for line in file:
            content, own = line.rstrip('\n')[:-2].rsplit(',"hash":"', 1)
            assert own == hashlib.sha256(content.encode()).hexdigest() and json.loads(line)['prev'] == previous
            previous = own
    for change, where in ((lambda l: l.__setitem__(4, l[4].replace('SELECT 2', 'SELECT 9')), 'changed.log:5: this line was changed'),
                          (lambda l: l.pop(6), 'changed.log:7: this line does not follow'),
                          (swap, 'changed.log:5: this line does not follow'),
                          (lambda l: l.insert(2, l[2]), 'changed.log:4: this line does not follow'),
                          (lambda l: l.insert(5, '{"seq":6,"event":"statement"}'), 'changed.log:6: this line is no line'),
                          (lambda l: l.__setitem__(0, ''), 'changed.log:1: this line is no line'),
                          (lambda l: l.__setitem__(8, l[8][:-1]), 'changed.log:9: this line is no line')):
        good, said = world.verify(tampered(world, change))
        assert not good and said.startswith(world.path(where)), (where, said)
    cut = tampered(world, lambda lines: lines.pop())
    assert world.verify(cut)[0] and not world.verify(cut, last=last)[0]  # which only who knows the end can tell
    good, said = world.verify(tampered(world, lambda lines: lines.pop(0)))
    assert good and 'what came before line 2 was not given' in said


def test_key(world):
    world.write('audit.key', 'a secret of some length')
    os.chmod(world.path('audit.key'), 0o600)
    world.write('other.key', 'another secret, as long')
    os.chmod(world.path('other.key'), 0o600)
    some_log(world, 'key_file: audit.key')
    assert world.verify('audit.log', key='audit.key')[0]
    good, said = world.verify('audit.log')
    assert not good and 'its key is needed' in said
    assert not world.verify('audit.log', key='other.key')[0]

    def forge(lines):  # who has no key makes a new chain with plain hashes
        previous = '0' * 64
        for at, line in enumerate(lines):
            content = re.sub(r'"prev":"[0-9a-f]{64}"$', '"prev":"%s"' % previous, line.rsplit(',"mac":', 1)[0])
            previous = hashlib.sha256(content.encode()).hexdigest()
            lines[at] = '%s,"hash":"%s"}' % (content, previous)
    good, said = world.verify(tampered(world, forge), key='audit.key')
    assert not good and 'bears a hash, not a MAC' in said
    key = hashlib.sha256(b'a secret of some length').digest()
    content, own = open(world.path('audit.log'), encoding='utf8').readline().rstrip('\n')[:-2].rsplit(',"mac":"', 1)
    assert hmac.new(key, content.encode(), 'sha256').hexdigest() == own
    for mode, text in ((0o644, 'a secret of some length'), (0o600, 'short')):
        world.write('audit.key', text)
        os.chmod(world.path('audit.key'), mode)
        done = subprocess.run([world.binary, 'serve', '-c', world.path('headgate.yaml')], capture_output=True, text=True, timeout=200,
                              env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD))
        assert done.returncode == 1 and 'audit.key' in done.stderr, done.stderr
    os.unlink(world.path('audit.key'))
    world.see()


def test_restart_and_kill(world):
    some_log(world)
    world.start()
    with world.connect() as w:
        w.simple('SELECT 100 FROM channels')
        world.audited_until(lambda lines: len(lines) == 11)
    world.headgate.process.kill()
    world.headgate.process.wait()
    world.headgate.process = None
    with open(world.path('audit.log'), 'ab') as file:
        file.write(b'{"seq":15,"time":"20')  # as a process leaves it that dies in the middle of a line
    assert not world.verify('audit.log')[0]
    world.start()
    with world.connect() as w:
        w.simple('SELECT 101 FROM channels')
    log = world.stop()
    assert 'of a line that is not whole' in log
    assert world.verify('audit.log')[0] and len(world.audited()) == 12
    assert [line['event'] for line in world.audited(event=None)].count('start') == 3
    with open(world.path('audit.log'), 'a', encoding='utf8') as file:
        file.write('something else\n')
    done = subprocess.run([world.binary, 'serve', '-c', world.path('headgate.yaml')], capture_output=True, text=True, timeout=200,
                          env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD))
    assert done.returncode == 1 and 'move the file away' in done.stderr, done.stderr
    world.see()


def test_rotation_under_load(world):
    begin(world)
    stop = threading.Event()
    done = [0, 0]

    def work(number):
        with world.connect() as w:
            while not stop.is_set():
                assert w.simple('SELECT %d FROM channels' % done[number]).error is None
                done[number] += 1
    threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    names = []
    for turn in range(5):
        enough = sum(done) + 20
        world.until(lambda: sum(done) > enough)
        names.append('audit.log.%d' % turn)
        os.rename(world.path('audit.log'), world.path(names[-1]))
        world.headgate.signal(signal.SIGHUP)
        world.until(lambda: os.path.exists(world.path('audit.log')))
    stop.set()
    for thread in threads:
        thread.join()
    log = world.stop()
    names.append('audit.log')
    good, said = world.verify(*names)
    assert good, said
    assert sum(len(world.audited(name)) for name in names) == sum(done)
    assert len([line for line in log.split('\n') if 'was moved away, and ends with line' in line]) == 5
    assert not world.verify(*reversed(names))[0] and not world.verify(names[0], *names[2:])[0]
    world.see()


def test_other_process_has_it(world):
    """As after a restart without a pause: the second waits with its lines until the first has ended."""
    begin(world)
    other = Headgate(world.binary, world.path('other.yaml'), world.port + 1, {'HG_TEST_PASSWORD': PASSWORD})
    from headgate import free_port
    other.port = free_port()
    text = open(world.path('headgate.yaml'), encoding='utf8').read().replace('127.0.0.1:%d' % world.port, '127.0.0.1:%d' % other.port)
    world.write('other.yaml', re.sub('(?m)^http:.*$', '', text))
    other.start()
    try:
        with world.connect() as w, wire.connect('127.0.0.1', other.port, 'alice', PASSWORD, 'analytics') as v:
            w.simple('SELECT 1 FROM channels')
            v.simple('SELECT 2 FROM channels')
            world.until(lambda: 'another process writes' in other.output())
        world.stop()
        lines = world.audited_until(lambda lines: len(lines) == 2)
        assert [line['sql'] for line in lines] == ['SELECT 1 FROM channels', 'SELECT 2 FROM channels']
    finally:
        status = other.stop()
    assert status == 0 and world.verify('audit.log')[0]
    world.start()


def test_redaction(world):
    begin(world, 'redact: literals, rewritten: text')
    with world.connect() as w:
        w.simple("SELECT name FROM channels WHERE name = 'very secret' AND id IN (17, 18, 19) -- secret remark")
        w.simple("SELECT E'it\\'s secret', $tag$secret$tag$, 12.5e3 FROM channels /* secret */")
        w.simple("SELECT 'secret FROM channels")
        w.simple("SELECT name FROM channels WHERE name = 'other' AND id IN (1)")
    lines = world.audited_until(lambda lines: len(lines) == 4)
    text = open(world.path('audit.log'), encoding='utf8').read()
    assert 'secret' not in text and '17' not in ''.join(line['sql'] for line in lines), text
    assert lines[0]['sql'] == 'SELECT name FROM channels WHERE name = ? AND id IN (?, ?, ?)'
    assert lines[1]['sql'] == 'SELECT ?, ?, ? FROM channels'
    assert lines[0]['fingerprint'] == lines[3]['fingerprint'] != lines[1]['fingerprint']


def test_which_statements(world):
    for keys, wanted in (('statements: writes', ['INSERT INTO audit (id, note) VALUES (1, 2)', 'DROP TABLE audit', 'SELECT 1/0 FROM channels']),
                         ('statements: refused', ['DROP TABLE audit', 'SELECT 1/0 FROM channels'])):
        begin(world, keys)
        with world.connect(user='wendy') as w:
            for statement in ('SELECT 1 FROM channels', 'INSERT INTO audit (id, note) VALUES (1, 2)', 'SET application_name = x', 'DROP TABLE audit',
                              'SELECT 1/0 FROM channels'):
                w.simple(statement)
        world.stop()
        assert [line['sql'] for line in world.audited()] == wanted
        world.start()
    begin(world, 'statements: writes')
    with world.connect(user='wendy') as w:
        w.extended('INSERT INTO audit (id) VALUES ($1)', ['5'])
        w.simple('PREPARE s AS INSERT INTO audit (id) VALUES ($1); EXECUTE s(6)')
        w.simple('SELECT 1 FROM channels')
    world.stop()
    assert [line['sql'][:7] for line in world.audited()] == ['INSERT ', 'EXECUTE'], world.audited()
    world.start()


def test_trace(world):
    begin(world)
    trace, span = '0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'
    good = "traceparent='00-%s-%s-01'" % (trace, span)
    texts = ["SELECT 1 FROM channels /*action='x',%s*/" % good, "/* %s */ SELECT 2 FROM channels" % good, 'SELECT 3 FROM channels; -- ' + good,
             "SELECT 4 FROM channels /*%s*/;  " % good,
             "SELECT 5 FROM channels WHERE name <> '/*%s' " % good.replace("'", "''"),  # not a comment
             'SELECT 6 /*%s*/ FROM channels' % good,  # in the middle
             "SELECT 7 FROM channels /*traceparent='00-%s-%s-01'*/" % (trace.upper(), span),
             "SELECT 8 FROM channels /*traceparent='00-%s-%s-01'*/" % ('0' * 32, span),
             'SELECT 9 FROM channels /*%s%s*/' % (good, ' ' * 5000)]
    with world.connect() as w:
        for text in texts:
            assert w.simple(text).error is None, text
        w.extended(texts[0])
    lines = world.audited_until(lambda lines: len(lines) == 10)
    assert [(line.get('trace_id'), line.get('span_id')) == (trace, span) for line in lines] == [True] * 4 + [False] * 5 + [True]
    assert all('trace_id' not in line for line in lines[4:9])


class SmallDisk:
    """A file system of 1 MB, or None where that cannot be made."""

    def __init__(self, world):
        self.path = world.path('disk')
        os.makedirs(self.path, exist_ok=True)
        made = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', self.path], capture_output=True, text=True)
        self.why = made.stderr.strip()
        self.ballast = os.path.join(self.path, 'ballast')

    def fill(self):
        with open(self.ballast, 'wb', buffering=0) as file:
            try:
                for size in (65536, 4096):
                    while True:
                        file.write(b'x' * size)
            except OSError:
                pass

    def free(self):
        os.unlink(self.ballast)

    def end(self):
        subprocess.run(['umount', self.path], check=True)


def with_small_disk(world, keys, use):
    disk = SmallDisk(world)
    if disk.why:
        print('     (no file system of 1 MB: %s)' % disk.why)
        return
    try:
        world.see(audit='file: disk/audit.log, ' + keys)
        use(disk)
        world.stop()
        good, said = world.verify('disk/audit.log')
        assert good, said
    finally:
        if world.headgate.process:
            world.headgate.process.kill()
            world.headgate.process.wait()
            world.headgate.process = None
        disk.end()
        world.see()


def test_full_disk_refuses(world):
    def use(disk):
        with world.connect(user='wendy') as w, world.connect() as reader:
            w.simple('SELECT 1 FROM channels')
            w.simple('BEGIN')
            w.simple("INSERT INTO audit (id, note) VALUES (70, 'in a transaction')")
            disk.fill()
            ran = 0
            while True:  # until what is left of a page is full
                result = w.simple("SELECT 'filler %s' FROM channels" % ('x' * 1000))
                if result.error:
                    break
                ran += 1
                assert ran < 1000
                time.sleep(0.01)
            assert result.sqlstate == '53100' and 'audit log' in result.error['M'] and result.error['H'], result.error
            assert ID_IN_DETAIL.search(result.error['D']), result.error
            for refused in (reader.simple('SELECT 2 FROM channels'), reader.extended('SELECT 3 FROM channels'), reader.simple('SHOW search_path'),
                            w.simple('ROLLBACK')):
                assert refused.sqlstate == '53100' or refused.tag() == 'ROLLBACK', refused.error
            assert world.get('/readyz')[0] == 503 and 'audit' in world.get('/readyz')[2]
            metrics = world.metrics()
            assert metrics('audit_failing') == 1 and metrics('audit_refusals_total') >= 3
            assert metrics('refusals_total', sqlstate='53100', reason='disk_full') >= 3
            disk.free()
            world.until(lambda: reader.simple('SELECT 4 FROM channels').error is None)
            world.until(lambda: world.get('/readyz')[0] == 200)
            w.simple('ROLLBACK')
            assert w.simple('SELECT count(*) FROM audit WHERE id = 70').rows == [('0',)]
        world.stop()
        lines = world.audited('disk/audit.log')
        assert sum('filler' in line['sql'] and line['outcome'] == 'ok' for line in lines) == ran  # nothing that ran is missing
        assert sum(line['sqlstate'] == '53100' for line in lines) >= 3
        assert 'cannot be written' in world.last_log and 'is written again' in world.last_log
    world.last_log = ''
    stop = world.stop

    def stop_and_keep():
        world.last_log = stop() or world.last_log
        return world.last_log
    world.stop = stop_and_keep
    try:
        with_small_disk(world, 'on_full: refuse', use)
    finally:
        del world.stop


ID_IN_DETAIL = re.compile("The statement's id is ")


def test_full_disk_drops(world):
    def use(disk):
        with world.connect() as w:
            disk.fill()
            for i in range(1500):
                assert w.simple("SELECT %d, '%s' FROM channels" % (i, 'x' * 500)).error is None
            assert world.metrics()('audit_dropped_total') > 0 and world.get('/readyz')[0] == 200
            dropped = world.metrics()('audit_dropped_total')
            disk.free()
            world.until(lambda: world.audited('disk/audit.log', 'dropped'))
            w.simple('SELECT 9999 FROM channels')
        world.stop()
        told = sum(line['count'] for line in world.audited('disk/audit.log', 'dropped'))
        assert told == dropped and told + len(world.audited('disk/audit.log')) == 1501, (told, dropped)
    with_small_disk(world, 'on_full: drop, buffer: 64kB', use)


def test_queue_is_bounded(world):
    """The file is a pipe's end that nobody reads: no file at all. And memory of a full queue does not grow."""
    os.mkfifo(world.path('audit.fifo'))
    world.stop()
    world.audit_keys = 'file: audit.fifo'
    world.write_config()
    done = subprocess.run([world.binary, 'serve', '-c', world.path('headgate.yaml')], capture_output=True, text=True, timeout=200,
                          env=dict(os.environ, HG_TEST_PASSWORD=PASSWORD))
    assert done.returncode == 1 and 'is no file' in done.stderr, done.stderr

    def use(disk):
        with world.connect() as w:
            disk.fill()
            for _ in range(300):
                w.simple("SELECT '%s' FROM channels" % ('x' * 2000))
            before = world.resident()
            for _ in range(3000):
                w.simple("SELECT '%s' FROM channels" % ('x' * 2000))
            assert world.metrics()('audit_queued_bytes') < 200e3
            assert world.resident() - before < 8e6 or 'asan' in os.environ.get('LD_PRELOAD', ''), world.resident() - before
            disk.free()
            world.until(lambda: w.simple('SELECT 1 FROM channels').error is None)
    with_small_disk(world, 'on_full: refuse, buffer: 64kB', use)


def test_file_is_nobody_elses(world):
    begin(world)
    os.umask(0)
    try:
        begin(world)
        with world.connect() as w:
            w.simple('SELECT 1 FROM channels')
        world.audited_until(lambda lines: len(lines) == 1)
        assert os.stat(world.path('audit.log')).st_mode & 0o777 == 0o600
    finally:
        os.umask(0o022)
    shutil.rmtree(world.path('disk'), ignore_errors=True)
    world.see()


def test_sent_again(world):
    """A statement that Headgate sends again behind its client's back is one statement."""
    begin(world)
    try:
        with world.connect() as w:
            w.simple('PREPARE s AS SELECT * FROM channels')
            w.simple('EXECUTE s')
            w.send(wire.parse('p', 'SELECT name FROM channels') + wire.sync())
            w.recv_until('Z')
            world.aurora.sql('ALTER TABLE channels ALTER name TYPE varchar(100)', database='data')
            assert w.simple('EXECUTE s').error is None
            w.send(wire.bind('', 'p') + wire.execute() + wire.sync())
            assert 'E' not in [kind for kind, _ in w.recv_until('Z')]
    finally:
        world.aurora.sql('ALTER TABLE channels ALTER name TYPE text', database='data')
    lines = world.audited_until(lambda lines: len(lines) >= 4)
    assert [(line['sql'], line['outcome']) for line in lines] == [
        ('PREPARE s AS SELECT * FROM channels', 'ok'), ('EXECUTE s', 'ok'), ('EXECUTE s', 'ok'), ('SELECT name FROM channels', 'ok')], lines
