"""Health and readiness, and clients that are no good."""
import contextlib
import ctypes
import os
import socket
import threading
import time



def raw(world, data, seconds=40):
    """What a connection that sends this is answered."""
    with socket.create_connection(('127.0.0.1', world.http_port), timeout=seconds) as s:
        s.sendall(data)
        got = b''
        while True:
            try:
                chunk = s.recv(65536)
            except ConnectionResetError:
                return got
            if not chunk:
                return got
            got += chunk


def test_health(world):
    world.see()
    assert world.get('/healthz')[::2] == (200, 'ok\n')
    assert world.get('/readyz')[::2] == (200, 'ok\n')
    assert world.get('/healthz?x=1')[0] == 200
    assert world.get('/')[0] == 404 and world.get('/metrics/')[0] == 404


def test_no_others(world):
    assert raw(world, b'POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello').startswith(b'HTTP/1.1 405 ')
    assert b'Allow: GET, HEAD' in raw(world, b'DELETE /metrics HTTP/1.1\r\n\r\n')
    for nonsense in (b'\r\n\r\n', b'GET\r\n\r\n', b'GET /metrics\r\n\r\n', b'GET  HTTP/1.1\r\n\r\n', b'GET metrics HTTP/1.1\r\n\r\n',
                     b'\x00\x00\x00\x08\x04\xd2\x16\x2f\r\n\r\n', b'GET /metrics HTTP/2.0\r\n\r\n', b'GET /' + b'\xff' * 100 + b'\r\n\r\n'):
        assert raw(world, nonsense).startswith(b'HTTP/1.1 400 '), nonsense
    assert raw(world, b'GET /%2e%2e/etc/passwd HTTP/1.1\r\n\r\n').startswith(b'HTTP/1.1 404 ')
    assert raw(world, b'GET / HTTP/1.1\r\nX: ' + b'x' * 20000).startswith(b'HTTP/1.1 431 ')
    head = raw(world, b'HEAD /metrics HTTP/1.1\r\n\r\n')
    assert head.startswith(b'HTTP/1.1 200 ') and head.endswith(b'\r\n\r\n') and b'headgate_' not in head


def is_cut_off(s, seconds):
    s.settimeout(seconds)
    try:
        assert s.recv(1) == b''
        return True
    except ConnectionResetError:
        return True
    except (TimeoutError, BlockingIOError):
        return False


def test_slow_and_many(world):
    """They are cut off, and neither other monitors nor clients of the database wait for them."""
    for _ in range(5):
        began = time.monotonic()
        slow = []
        for _ in range(100):
            slow.append(socket.create_connection(('127.0.0.1', world.http_port)))
            slow[-1].sendall(b'GET /metr')
        assert world.get('/healthz')[0] == 200
        with world.connect() as w:
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        waited = is_cut_off(slow[-1], 0)
        assert all(is_cut_off(s, 40) for s in slow)
        assert time.monotonic() - began > 3  # the last ones had their time
        for s in slow:
            s.close()
        if not waited:
            break
    assert not waited, 'others are answered only when they are cut off'
    assert world.get('/metrics')[0] == 200


def test_answer_that_is_not_read(world):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        s.connect(('127.0.0.1', world.http_port))
        s.sendall(b'GET /metrics HTTP/1.1\r\n\r\n')
        assert world.get('/healthz')[0] == 200
        time.sleep(6)
        assert world.get('/healthz')[0] == 200


def test_backend_that_cannot_be_reached(world):
    world.see()
    world.warehouse.halt()
    try:
        with world.connect() as w:
            assert w.simple('SELECT 1 FROM messages').sqlstate == '08001'
        status, _, body = world.get('/readyz')
        assert status == 503 and '"redshift"' in body and 'aurora' not in body, body
        assert world.get('/healthz')[0] == 200
        assert world.metrics()('pool_failed_hosts', backend='redshift') == 1
    finally:
        world.warehouse.start()
    world.write_config()
    world.reload()
    with world.connect() as w:  # tried again after its back-off
        world.until(lambda: w.simple('SELECT count(*) FROM messages').rows == [('1000',)])
    world.until(lambda: world.get('/readyz')[0] == 200)


def test_draining(world):
    world.see()
    w = world.connect()
    w.simple('BEGIN')
    w.simple('SELECT 1 FROM channels')
    world.headgate.signal(15)
    world.until(lambda: world.get('/readyz')[0] == 503)
    assert 'draining' in world.get('/readyz')[2] and world.get('/healthz')[0] == 200
    assert world.metrics()('draining') == 1
    w.simple('COMMIT')
    world.until(lambda: not world.headgate.alive())
    assert world.headgate.process.returncode == 0
    world.headgate.process = None
    world.start()


PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17


@contextlib.contextmanager
def held(pid):
    """All threads of the process but the first are stopped, as if they were in an endless loop."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    done, stopped = threading.Event(), []

    def hold():  # a tracer is a thread, so all is done by one
        for thread in sorted(int(t) for t in os.listdir('/proc/%d/task' % pid)):
            if thread != pid and libc.ptrace(PTRACE_SEIZE, thread, None, None) == 0:
                libc.ptrace(PTRACE_INTERRUPT, thread, None, None)
                os.waitpid(thread, 0x40000000)  # __WALL
                stopped.append(thread)
        done.wait(200)
        for thread in stopped:
            libc.ptrace(PTRACE_DETACH, thread, None, None)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        done.set()
        holder.join()
    assert stopped


def test_worker_that_hangs(world):
    """Health says so, and systemd's watchdog is fed no more: it would restart the service."""
    if os.getuid() != 0:
        print('     (not as root: no thread can be stopped)')
        return
    world.see()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(world.path('notify'))
        os.environ.update(NOTIFY_SOCKET=world.path('notify'), WATCHDOG_USEC='1000000')
        try:
            world.stop()
            world.start()
        finally:
            del os.environ['NOTIFY_SOCKET'], os.environ['WATCHDOG_USEC']

        def is_fed(seconds):
            notify.settimeout(seconds)
            try:
                while b'WATCHDOG=1' not in notify.recv(4096):
                    pass
                return True
            except TimeoutError:
                return False

        assert is_fed(40) and is_fed(40)
        with held(world.headgate.process.pid):
            world.until(lambda: world.get('/healthz')[0] == 503)
            assert 'has not answered' in world.get('/healthz')[2] and world.get('/readyz')[0] == 503
            while is_fed(0.01):  # those of before
                pass
            assert not is_fed(3)
        world.until(lambda: world.get('/healthz')[0] == 200)
        assert is_fed(40)
        with world.connect() as w:
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        world.stop()
    world.start()


def test_off_by_default(world):
    world.stop()
    text = open(world.path('headgate.yaml'), encoding='utf8').read()
    world.write('headgate.yaml', '\n'.join(line for line in text.split('\n') if not line.startswith('http:')))
    world.start()
    try:
        socket.create_connection(('127.0.0.1', world.http_port), timeout=2).close()
        raise AssertionError('it listens')
    except ConnectionRefusedError:
        pass
    with world.connect() as w:
        assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
