"""The extended protocol, message by message."""
import wire


def test_statements_and_portals(world):
    with world.console() as w:
        w.send(wire.parse('s', 'SELECT command FROM help ORDER BY 1 LIMIT $1', [20]) + wire.describe('S', 's') + wire.sync())
        r = w.result()
        assert r.kinds == '1tTZ' and r.parameter_oids == [20], r
        w.send(wire.bind('', 's', ['5']) + wire.describe('P') + wire.execute('', 2) + wire.execute('', 2) + wire.execute('', 2) + wire.sync())
        r = w.result()
        assert r.kinds == '2TDDsDDsDCZ' and r.tag == 'SELECT 1', (r.kinds, r.tag)
        w.send(wire.execute('') + wire.sync())
        assert w.result().sqlstate == '34000', 'the portal went with its transaction'
        w.send(wire.query('BEGIN') + wire.bind('p', 's', ['3']) + wire.execute('p', 1) + wire.sync())
        assert w.result().kinds == 'CZ' and w.result().kinds == '2DsZ'
        w.send(wire.execute('p', 0) + wire.sync() + wire.close('P', 'p') + wire.execute('p') + wire.sync())
        assert w.result().kinds == 'DDCZ' and w.result().kinds == '3EZ'
        assert w.simple('SELECT 1').sqlstate == '25P02' and w.simple('ROLLBACK').tag == 'ROLLBACK'
        w.send(wire.close('S', 's') + wire.bind('', 's', ['1']) + wire.sync())
        assert w.result().sqlstate == '26000'


def test_skipping_to_sync(world):
    with world.console() as w:
        w.send(wire.parse('', 'SELECT nobody') + wire.bind('', '') + wire.execute() + wire.query('SELECT 1') + wire.sync() + wire.parse('', 'SELECT 2') + wire.bind('', '') + wire.execute() + wire.sync())
        assert w.result().kinds == 'EZ'
        assert w.result().kinds == '12DCZ'
        # A command of a batch that failed before it does not run.
        w.send(wire.parse('', 'SELECT nobody') + wire.parse('a', 'PAUSE ALL') + wire.bind('', 'a') + wire.execute() + wire.sync())
        assert w.result().kinds == 'EZ' and w.simple('SELECT DISTINCT paused FROM pools').rows == [('f',)]


def test_pipelines(world):
    with world.console() as w:
        one = wire.parse('', 'SELECT $1') + wire.bind('', '', ['x']) + wire.describe('P') + wire.execute() + wire.sync()
        w.send(one * 200)
        for _ in range(200):
            assert w.result().rows == [('x',)]
        w.send(wire.parse('', 'SHOW generations') + wire.bind('', '') + wire.execute() + wire.parse('', 'RELOAD') + wire.bind('', '') + wire.execute() + wire.parse('', 'SHOW generations')
               + wire.bind('', '') + wire.execute() + wire.flush())
        kinds = ''
        while kinds.count('C') < 3:
            kinds += w.recv()[0]
        assert kinds.startswith('12D') and 'E' not in kinds, kinds
        w.send(wire.sync())
        assert w.result().kinds == 'Z'


def test_what_is_wrong(world):
    with world.console() as w:
        for send, sqlstate in [
                (wire.parse('', 'SELECT 1; SELECT 2'), '42601'), (wire.parse('', 'SELECT 1;') + wire.parse('', ' ;; '), '42601'),
                (wire.parse('a', 'SELECT 1') + wire.parse('a', 'SELECT 1'), '42P05'), (wire.bind('', 'nothing'), '26000'), (wire.execute('nothing'), '34000'),
                (wire.describe('S', 'nothing'), '26000'), (wire.describe('P', 'nothing'), '34000'), (wire.message('P', b'x'), '08P01'), (wire.message('B', b'\0'), '08P01'),
                (wire.message('D', b'X\0'), '08P01'), (wire.message('E', b'\0'), '08P01'), (wire.message('C', b'P'), '08P01'),
                (wire.parse('b', 'SELECT $1') + wire.bind('', 'b', []), '08P01'), (wire.parse('c', 'SELECT $1') + wire.bind('', 'c', ['1', '2']), '08P01'),
                (wire.parse('d', 'SELECT 1') + wire.bind('', 'd', [], None, [1, 1, 1]), '08P01'), (wire.parse('e', 'SELECT $1') + wire.message('B', b'\0e\0\0\0\0\1\0\0\0\x09x\0\0'), '08P01'),
                (wire.parse('f', 'SELECT $1', [25] * 2000), '54001'), (wire.parse('g', 'SELECT 1') + wire.bind('p', 'g') + wire.bind('p', 'g'), '42P03')]:
            w.send(send + wire.sync())
            r = w.result()
            assert r.sqlstate == sqlstate and r.status == 'I', (send, r, r.error)
        w.send(wire.function_call(1))
        assert w.result().sqlstate == '0A000'
        w.send(wire.copy_data(b'x') + wire.copy_done() + wire.copy_fail('x') + wire.query('SELECT 1'))
        assert w.result().rows == [('1',)]


def test_many_statements(world):
    with world.console() as w:
        w.send(b''.join(wire.parse('s%d' % n, 'BEGIN') for n in range(1100)) + wire.sync())
        r = w.result()
        assert r.sqlstate == '53400' and r.kinds.count('1') == 1000, r.error
        assert w.simple('DEALLOCATE ALL').error is None
        w.send(wire.parse('s1', 'SELECT 1') + wire.bind('', 's1') + wire.execute() + wire.sync())
        assert w.result().kinds == '12DCZ'
        w.send(wire.query('DEALLOCATE s1') + wire.bind('', 's1') + wire.sync())
        assert w.result().error is None and w.result().sqlstate == '26000'


def test_transactions(world):
    with world.console() as w:
        assert w.simple('BEGIN').status == 'T' and w.simple('SELECT 1').status == 'T'
        assert w.simple('SELECT nobody').status == 'E' and w.simple('SELECT 1').sqlstate == '25P02' and w.simple('').status == 'E'
        assert w.simple('ROLLBACK TO x').status == 'T' and w.simple('COMMIT').tag == 'COMMIT'
        w.simple('BEGIN; FROBNICATE')
        r = w.simple('COMMIT')
        assert r.tag == 'ROLLBACK' and r.status == 'I'
        r = w.simple('SELECT 1; FROBNICATE; PAUSE ALL')
        assert r.kinds == 'TDCEZ' and w.simple('SELECT DISTINCT paused FROM pools').rows == [('f',)]


def test_empty_statements(world):
    with world.console() as w:
        for sql, kinds in (('', 'IZ'), (' ; ;', 'IZ'), ('-- nothing', 'IZ'), (';SELECT 1;;', 'TDCZ'), ('/* open', 'IZ')):
            assert w.simple(sql).kinds == kinds, (sql, w.simple(sql).kinds)
        assert w.extended('').kinds == '1tn2nIZ'


def test_what_is_sent_while_it_works(world):
    """Messages behind a slow one wait in the socket, in their order."""
    with world.console() as w:
        w.send(wire.query('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n'))
        w.send(b''.join(wire.query('SELECT %d' % n) for n in range(50)))
        assert w.result(timeout=100).rows == [('300000',)]
        for n in range(50):
            assert w.result().rows == [(str(n),)]


def test_a_client_that_does_not_read(world):
    """Its results wait within bounds; when there is too much, it is told, and others are not."""
    lazy = [world.console() for _ in range(3)]
    for w in lazy:
        for _ in range(10):
            w.send(wire.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) SELECT replace('_' || i, '_', '%s') FROM n" % ('x' * 50000)))
    with world.console() as w:
        for _ in range(5):
            assert w.simple('SELECT 1', timeout=100).rows == [('1',)]
        world.until(lambda: int(w.simple('SELECT max(pending_bytes) FROM sessions').rows[0][0]) > 1000000, 30)
        assert int(w.simple('SELECT sum(pending_bytes) FROM sessions').rows[0][0]) < 100e6
    for w in lazy:
        assert len(w.result(timeout=100).rows) == 200
        w.drop()
