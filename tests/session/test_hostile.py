"""A backend that lies. It logs in as a PostgreSQL would, answers what the proxy itself asks, and says anything to the client's
statements: the proxy lives, tells the client, gives the connection up, and mixes nothing up."""
import socket
import struct
import threading
import time

import wire

COLUMN = struct.pack('!H', 1) + b'count\0' + struct.pack('!IhIhih', 7, 7, 20, 8, -1, 0)
T, READY = wire.message('T', COLUMN), wire.message('Z', b'I')
ROW = wire.message('D', struct.pack('!Hi', 1, 1) + b'7')
DONE = wire.message('C', b'SELECT 1\0')
ZONE = wire.message('D', struct.pack('!Hi', 1, 3) + b'UTC')  # what the proxy itself asks for: how TimeZone is spelt here


def error(state='22012', severity='ERROR', message='no'):
    return wire.message('E', b'S' + severity.encode() + b'\0V' + severity.encode() + b'\0C' + state.encode() + b'\0M' + message.encode() + b'\0\0')


class Liar:
    """A server on a port of its own. `lie`: bytes for the next client's statement, then the connection is closed when `hangs_up`."""

    def __init__(self):
        self.lie, self.hangs_up = None, False
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def close(self):
        self.listener.close()

    def serve(self, sock):
        try:
            with sock, sock.makefile('rb') as stream:
                self.login(sock, stream)
                while self.answer(sock, stream):
                    pass
        except (OSError, struct.error):
            pass

    def login(self, sock, stream):
        while struct.unpack('!I', stream.read(struct.unpack('!I', stream.read(4))[0] - 4)[:4])[0] != wire.PROTOCOL_3_0:
            sock.sendall(b'N')  # no TLS here
        statuses = b''.join(wire.message('S', wire.cstr(n) + wire.cstr(v)) for n, v in
                            (('server_version', '15.1'), ('client_encoding', 'UTF8'), ('standard_conforming_strings', 'on')))
        sock.sendall(wire.message('R', struct.pack('!I', 0)) + statuses + wire.message('K', struct.pack('!Ii', 4711, 4711)) + READY)

    def answer(self, sock, stream):
        kind = stream.read(1)
        if not kind or kind == b'X':
            return False
        body = stream.read(struct.unpack('!I', stream.read(4))[0] - 4)
        own = kind == b'Q' and (b'pg_catalog.pg_' in body or b'messages' not in body)
        if kind == b'Q' and not own and self.lie is not None:
            lie, self.lie = self.lie, None
            sock.sendall(lie)
            return not self.hangs_up
        sock.sendall({b'P': wire.message('1'), b'B': wire.message('2'), b'C': wire.message('3'), b'E': ZONE + DONE, b'S': READY, b'D': wire.message('n'),
                      b'H': b''}.get(kind, (DONE if own else T + ROW + DONE) + READY))
        return True


LIES = {
    'length 0': b'D\0\0\0\0', 'length 3': b'D\0\0\0\3', 'negative length': b'D\xff\xff\xff\xff', 'huge whole message': b'T\x10\0\0\0' + b'x' * 100,
    'unknown type': wire.message('?'), 'type 0': wire.message('\0'), 'copy': wire.message('G', b'\0\0\0'), 'copy out': wire.message('H', b'\0\0\0'),
    'copy both': wire.message('W', b'\0\0\0'), 'parse complete': wire.message('1'), 'bind complete': wire.message('2'), 'no data': wire.message('n'),
    'suspended': wire.message('s'), 'authentication': wire.message('R', struct.pack('!I', 0)), 'key': wire.message('K', bytes(8)),
    'function result': wire.message('V', b'\xff\xff\xff\xff'), 'error without state': wire.message('E', b'Mno\0\0') + READY,
    'error without end': wire.message('E', b'SERROR\0C22012\0Mno') + READY, 'empty error': wire.message('E', b'\0') + READY,
    'empty row description': wire.message('T'), 'row description too short': wire.message('T', COLUMN[:-1]),
    'row description too long': wire.message('T', COLUMN + b'x'), 'status missing': wire.message('Z'), 'status of two': wire.message('Z', b'II'),
    'unknown status': wire.message('Z', b'X'), 'in a transaction': T + ROW + DONE + wire.message('Z', b'T'),
    'failed transaction': T + ROW + DONE + wire.message('Z', b'E'), 'server goes': error('57P01', 'FATAL', 'secret host'),
    'panic': error('XX000', 'PANIC', 'secret host'),
}


def check(world, liar, name, lie, hangs_up):
    liar.lie, liar.hangs_up = lie, hangs_up
    with world.connect() as w:
        w.send(wire.query('SELECT count(*) FROM messages'))
        kinds = []
        try:
            while not kinds or kinds[-1] != 'Z':
                kind, body = w.recv()
                kinds.append(kind)
                if kind == 'E':
                    fields = wire.decode_fields(body)
                    assert fields['C'] in ('08006', 'XX000') and 'secret' not in str(fields), (name, fields)
        except wire.Closed:
            return
        assert kinds[-2:] == ['E', 'Z'] and w.status == 'I', (name, kinds)
        assert w.simple('SELECT count(*) FROM messages').rows == [('7',)], name


def test_lies(world):
    liar = Liar()
    world.configure(redshift_port=liar.port)
    try:
        for name, lie in LIES.items():
            check(world, liar, name, lie, False)
            check(world, liar, name + ' behind a row', T + ROW + lie, False)
    finally:
        liar.close()


def test_hangs_up(world):
    """After each byte of a good answer."""
    liar = Liar()
    world.configure(redshift_port=liar.port)
    answer = T + ROW + DONE + READY
    try:
        for at in range(len(answer)):
            check(world, liar, 'end at %d' % at, answer[:at], True)
    finally:
        liar.close()


def test_says_more_than_asked(world):
    """What stands behind a whole answer is nobody's: the connection goes, and the next client hears nothing of it."""
    liar = Liar()
    world.configure(redshift_port=liar.port)
    try:
        for more in (ROW, T + ROW + DONE + READY, error(), wire.message('N', b'SNOTICE\0C00000\0Mx\0\0'), wire.message('S', b'a\0b\0'), b'D', b'\0\0'):
            liar.lie = T + ROW + DONE + READY + more
            with world.connect() as w:
                assert w.simple('SELECT count(*) FROM messages').kinds == 'TDCZ'
                for _ in range(3):
                    r = w.simple('SELECT count(*) FROM messages')
                    assert r.kinds == 'TDCZ' and r.rows == [('7',)], (more, r)
    finally:
        liar.close()


class Stale(Liar):
    """Says of each Bind that the statement's tables were changed, whatever is prepared."""

    def __init__(self):
        self.binds = 0
        super().__init__()

    def answer(self, sock, stream):
        kind = stream.read(1)
        if not kind or kind == b'X':
            return False
        body = stream.read(struct.unpack('!I', stream.read(4))[0] - 4)
        if kind != b'B' or b'hg_carry' in body:
            sock.sendall({b'P': wire.message('1'), b'C': wire.message('3'), b'E': ZONE + DONE, b'S': READY, b'D': wire.message('n'), b'B': wire.message('2'),
                          b'H': b''}.get(kind, DONE + READY))
            return True
        self.binds += 1
        sock.sendall(wire.message('E', b'SERROR\0VERROR\0C0A000\0Mcached plan must not change result type\0RRevalidateCachedQuery\0\0'))
        while kind != b'S':
            kind = stream.read(1)
            stream.read(struct.unpack('!I', stream.read(4))[0] - 4)
        sock.sendall(READY)
        return True


def test_stale_for_ever(world):
    """A statement is not sent again without end."""
    liar = Stale()
    world.configure(redshift_port=liar.port)
    try:
        with world.connect() as w:
            for _ in range(2):
                liar.binds = 0
                w.send(wire.parse('', 'SELECT count(*) FROM messages') + wire.bind('', '') + wire.execute() + wire.sync())
                r = w.result()
                assert (r.sqlstate, r.error['R'], r.status) == ('0A000', 'RevalidateCachedQuery', 'I'), r
                assert 1 < liar.binds < 50, liar.binds
    finally:
        liar.close()


def test_notices_without_end(world):
    liar = Liar()
    world.configure(redshift_port=liar.port)
    notice = wire.message('N', b'SNOTICE\0VNOTICE\0C00000\0M' + b'x' * 5000 + b'\0\0')
    liar.lie = notice * 20000 + T + ROW + DONE + READY
    try:
        with world.connect(timeout=30) as w:
            before = world.resident()
            w.send(wire.query('SELECT count(*) FROM messages'))
            time.sleep(1.5)
            assert world.resident() - before < 30 << 20, world.resident() - before
            assert w.result().rows == [('7',)]
    finally:
        liar.close()


def test_large_row_in_small_pieces(world):
    liar = Liar()
    world.configure(redshift_port=liar.port)
    value = b'y' * 3000000
    liar.lie = T + wire.message('D', struct.pack('!Hi', 1, len(value)) + value) + DONE + READY
    try:
        with world.connect(timeout=30) as w:
            assert len(w.simple('SELECT count(*) FROM messages').rows[0][0]) == len(value)
    finally:
        liar.close()


def fields(count, size):
    """An error with that many fields that nobody knows."""
    return wire.message('E', b'SERROR\0VERROR\0C22012\0Mno\0' + (b'x' + b'y' * size + b'\0') * count + b'\0')


def row_description(count, missing=0):
    columns = (b'c\0' + struct.pack('!IhIhih', 7, 7, 20, 8, -1, 0)) * count
    return wire.message('T', struct.pack('!H', count) + columns[:len(columns) - missing])


BIG = {'an error of 3 MB': error(message='m' * 3000000), 'an error of 5 MB': error(message='m' * 5000000), 'many fields': fields(300000, 5),
       'long fields': fields(3, 1000000), 'as many columns as there can be': row_description(65535), 'more columns than there are': row_description(65535, missing=18),
       'rows of many columns': T + wire.message('D', struct.pack('!H', 65535) + b'\xff\xff\xff\xff' * 65535) * 20,
       'parameters without end': wire.message('S', b'a\0' + b'b' * 1000 + b'\0') * 20000,
       'parameters that count': wire.message('S', b'TimeZone\0' + b'b' * 60000 + b'\0') * 2000,
       'notifications without end': wire.message('A', struct.pack('!I', 7) + b'a\0' + b'b' * 1000 + b'\0') * 20000}


def test_too_much_of_everything(world):
    """Whatever comes of it, the client hears an end, the proxy stays small, and the next statement is answered."""
    liar = Liar()
    world.configure(redshift_port=liar.port)
    try:
        before = world.resident()
        for name, lie in BIG.items():
            liar.lie = lie + (DONE if name.startswith('row') else b'') + READY
            with world.connect(timeout=30) as w:
                w.send(wire.query('SELECT count(*) FROM messages'))
                try:
                    while w.recv()[0] != 'Z':
                        pass
                except wire.Closed:
                    pass
            with world.connect() as w:
                assert w.simple('SELECT count(*) FROM messages').rows == [('7',)], name
            assert world.resident() - before < 60 << 20, (name, world.resident() - before)
    finally:
        liar.close()


class Deaf(Liar):
    """Ends a statement at the second cancel request; the first, as if it had come too early, does nothing. They take their time."""

    def __init__(self):
        self.is_deaf, self.cancels, self.cancelled = False, 0, threading.Event()
        super().__init__()

    def login(self, sock, stream):
        packet = stream.read(struct.unpack('!I', stream.read(4))[0] - 4)
        if packet[:4] == b'\x04\xd2\x16\x2e':
            self.cancels += 1
            seen = self.cancels
            time.sleep(0.5)
            if seen == 2:
                self.cancelled.set()
            raise OSError
        sock.sendall(b'N')
        super().login(sock, stream)

    def answer(self, sock, stream):
        if stream.peek(1)[:1] != b'Q' or not self.is_deaf:  # it waits in the first of these
            return super().answer(sock, stream)
        stream.read(struct.unpack('!I', stream.read(5)[1:])[0] - 4)
        self.is_deaf = False
        self.cancelled.wait(20)
        sock.sendall(error('57014', message='canceling statement due to user request') + READY)
        return True


def test_a_storm_of_cancel_requests(world):
    """A client sends a hundred: the backend gets one at a time, and one more for all that came meanwhile."""
    liar = Deaf()
    world.configure(redshift_port=liar.port)
    try:
        with world.connect() as w:
            assert w.simple('SELECT count(*) FROM messages').rows == [('7',)]
            liar.is_deaf = True
            w.send(wire.query('SELECT count(*) FROM messages'))
            world.until(lambda: not liar.is_deaf)
            for _ in range(100):
                with wire.Wire('127.0.0.1', world.port) as other:
                    other.send(wire.cancel_request(w.pid, w.secret))
                    assert other.recv_to_end() == []
            assert w.result().sqlstate == '57014'
            assert w.simple('SELECT count(*) FROM messages').rows == [('7',)]
            assert 2 <= liar.cancels <= 20, liar.cancels
    finally:
        liar.close()
