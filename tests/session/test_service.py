"""The process and the system that runs it: sockets that are passed on, systemd's messages, another user, budgets, process 1."""
import contextlib
import os
import pwd
import resource
import signal
import socket
import subprocess
import threading
import time

import psycopg

import wire
from headgate import free_port
from test_process import SLOW, SLOWLY, starts_slow
from world import DATABASE, PASSWORD

ENVIRONMENT = dict(os.environ, HG_TEST_PASSWORD=PASSWORD)


def config(world, port, more='', name='service.yaml'):
    """The world's configuration, for a process of the test's own."""
    with open(world.path('headgate.yaml'), encoding='utf8') as file:
        lines = file.read().replace('127.0.0.1:%d' % world.port, '127.0.0.1:%d' % port)
    world.write(name, lines + more)
    return world.path(name)


@contextlib.contextmanager
def process(world, path, prefix=(), **options):
    """`headgate serve` as a child; it and whoever took over from it are ended."""
    with open(world.path('service.log'), 'w+', encoding='utf8') as log:
        options.setdefault('env', ENVIRONMENT)
        child = subprocess.Popen([*prefix, world.binary, 'serve', '-c', path], stdout=log, stderr=log, stdin=subprocess.DEVNULL, **options)
        child.log = lambda: open(log.name, encoding='utf8', errors='replace').read()
        try:
            yield child
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait(60)


def answers(port):
    with wire.connect('127.0.0.1', port, 'alice', PASSWORD, DATABASE) as w:
        return w.simple('SELECT count(*) FROM channels').rows == [('2',)]


def serves(port):
    """Is a client answered, be it that the backends cannot be reached?"""
    try:
        return answers(port)
    except wire.LoginRefused as error:
        return error.sqlstate == '08001'
    except wire.Closed:
        return False


def listens(port):
    try:
        socket.create_connection(('127.0.0.1', port), timeout=1).close()
        return True
    except OSError:
        return False


def pid_on(port):
    """The processes that listen there."""
    out = subprocess.run(['ss', '-Htlnp', 'sport = :%d' % port], capture_output=True, text=True, check=True).stdout
    return {int(part.split('pid=')[1].split(',')[0]) for part in out.split('(')[1:] if 'pid=' in part}


class Visitors:
    """Clients that come, ask and go, all the time."""

    def __init__(self, port, count=4):
        self.port, self.failures, self.visits, self.stop = port, [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]

    def run(self):
        while not self.stop.is_set():
            try:
                assert answers(self.port)
                self.visits += 1
            except Exception as error:  # whatever it is, it is what the client would see
                self.failures.append(repr(error))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def test_handing_over_refuses_nobody(world):
    """SIGUSR2 again and again while clients come and go: each finds somebody who answers, and a transaction that was open ends in peace."""
    port = free_port()
    with process(world, config(world, port, 'limits: {drain_timeout: 20s}\n')) as first:
        world.until(lambda: listens(port))
        pids = {first.pid}
        with Visitors(port) as visitors:
            for _ in range(3):
                old = pid_on(port)
                assert len(old) == 1
                open_one = wire.connect('127.0.0.1', port, 'alice', PASSWORD, DATABASE)
                open_one.simple('BEGIN')
                assert open_one.simple('SELECT count(*) FROM messages').rows == [('1000',)]
                os.kill(old.pop(), signal.SIGUSR2)
                world.until(lambda: pid_on(port) and not pid_on(port) & pids)
                pids |= pid_on(port)
                assert open_one.simple('SELECT count(*) FROM messages').rows == [('1000',)]
                open_one.send(wire.query('COMMIT'))
                assert [kind for kind, _ in open_one.recv_to_end()] == ['C', 'Z', 'E']
                open_one.drop()
            world.until(lambda: visitors.visits > 100)
        last = pid_on(port).pop()
        os.kill(last, signal.SIGTERM)
        world.until(lambda: not listens(port))
    assert not visitors.failures, visitors.failures[:3]
    assert len(pids) == 4


class LongQuery:
    """A client of libpq in the middle of a statement."""

    def __init__(self, world, port):
        self.connection = psycopg.connect(host='127.0.0.1', port=port, user='alice', password=PASSWORD, dbname=DATABASE, sslmode='disable', autocommit=True)
        self.outcome = None
        self.thread = threading.Thread(target=self.run)
        before = world.running(SLOWLY)
        self.thread.start()
        world.until(lambda: world.running(SLOWLY) > before)

    def run(self):
        try:
            self.connection.execute(SLOW)
            self.outcome = 'it came to an end'
        except psycopg.Error as error:
            self.outcome = error.sqlstate

    def cancel(self):
        """The request goes where new connections go."""
        self.connection.cancel()
        self.thread.join(60)
        assert self.outcome == '57014', self.outcome
        self.connection.close()


def hand_over(world, port):
    old = pid_on(port)
    assert len(old) == 1
    os.kill(old.copy().pop(), signal.SIGUSR2)
    world.until(lambda: pid_on(port) and not pid_on(port) & old)
    return old.pop()


def cancel_over(sock, secret, pid):
    sock.sendall(wire.cancel_request(pid, secret))
    return sock.recv(1)


def test_cancel_after_handing_over(world):
    """Statements of the predecessor, and of its predecessor, are cancelled by requests that come in at the one who serves now."""
    port = free_port()
    with process(world, config(world, port, 'limits: {drain_timeout: 300s}\n')) as first:
        world.until(lambda: listens(port))
        eldest, other, in_tls = LongQuery(world, port), LongQuery(world, port), wire.connect('127.0.0.1', port, 'alice', PASSWORD, DATABASE)
        starts_slow(world, in_tls)
        hand_over(world, port)
        elder = LongQuery(world, port)
        other.cancel()  # by the successor
        second = hand_over(world, port)
        own = LongQuery(world, port)
        for wrong in (b'xxxx', in_tls.secret + b'x', b'x' * 40):
            with socket.create_connection(('127.0.0.1', port), timeout=60) as sock:
                assert cancel_over(sock, wrong, in_tls.pid) == b''
        assert not eldest.outcome and not elder.outcome and in_tls.is_silent(0.3)
        with wire.Wire('127.0.0.1', port, tls=True) as late:
            assert cancel_over(late.sock, in_tls.secret, in_tls.pid) == b''
        assert in_tls.result().sqlstate == '57014'
        in_tls.drop()
        for query in own, elder, eldest:
            query.cancel()
        world.until(lambda: first.poll() is not None and not os.path.exists('/proc/%d' % second))
        with LongQuery(world, port).connection as connection:  # everybody else has ended
            connection.cancel()
        os.kill(pid_on(port).pop(), signal.SIGTERM)
        world.until(lambda: not listens(port))
        assert first.returncode == 0 and 'Sanitizer' not in first.log()


def test_cancel_when_the_one_between_has_ended(world):
    """The process in the middle of three had nothing to do any more: the eldest is asked nevertheless. And many requests for nobody do
    not get in the way of one for somebody."""
    port = free_port()
    with process(world, config(world, port, 'limits: {drain_timeout: 300s}\n')) as first:
        world.until(lambda: listens(port))
        query = LongQuery(world, port)
        hand_over(world, port)
        second = hand_over(world, port)
        world.until(lambda: not os.path.exists('/proc/%d' % second))
        assert first.poll() is None
        socks = [socket.create_connection(('127.0.0.1', port), timeout=60) for _ in range(400)]
        for i, sock in enumerate(socks):
            sock.sendall(wire.cancel_request(i, b'abcd'))
        assert all(sock.recv(1) == b'' for sock in socks)
        query.cancel()
        world.until(lambda: first.poll() is not None)
        os.kill(pid_on(port).pop(), signal.SIGTERM)
        world.until(lambda: not listens(port))
        assert first.returncode == 0 and 'Sanitizer' not in first.log()


def test_a_successor_that_cannot_start(world):
    """The configuration is broken by now: the successor ends, and the predecessor goes on."""
    port = free_port()
    path = config(world, port)
    with process(world, path) as child:
        world.until(lambda: listens(port))
        config(world, port, 'nonsense: 1\n')
        child.send_signal(signal.SIGUSR2)
        world.until(lambda: 'this one goes on' in child.log())
        assert answers(port) and pid_on(port) == {child.pid}
        config(world, port)
        child.send_signal(signal.SIGUSR2)
        world.until(lambda: pid_on(port) - {child.pid} and child.poll() is not None)
        assert answers(port) and child.returncode == 0
        os.kill(pid_on(port).pop(), signal.SIGTERM)
        world.until(lambda: not listens(port))


def spawn_with_sockets(world, path, sockets):
    """A shell sets LISTEN_PID, which is its own, and becomes the program."""
    fds = [one.fileno() for one in sockets]
    assert fds == list(range(fds[0], fds[0] + len(fds)))
    script = ' '.join('%d<&%d' % (3 + i, fd) for i, fd in enumerate(fds))
    return process(world, path, prefix=['/bin/bash', '-c', 'exec %s; export LISTEN_PID=$$ LISTEN_FDS=%d; exec "$@"' % (script, len(fds)), 'sh'],
                   pass_fds=fds)


def test_sockets_of_systemd(world):
    """Two restarts with a socket that systemd would hold: clients that come while nobody serves wait for their answer."""
    with socket.create_server(('127.0.0.1', 0), backlog=64) as held:
        port = held.getsockname()[1]
        path = config(world, 1)  # `listen:` is not opened
        for _ in range(2):
            answer = []
            waiting = threading.Thread(target=lambda: answer.append(answers(port)))
            waiting.start()
            time.sleep(0.2)
            assert not answer
            with spawn_with_sockets(world, path, [held]) as child:
                waiting.join(60)
                assert answer == [True] and 'passed on' in child.log()
        with subprocess.Popen(['/bin/bash', '-c', 'exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"', 'sh', world.binary, 'serve', '-c', path],
                              env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as wrong:
            assert 'no listening socket' in wrong.stderr.read() and wrong.wait() == 1


def test_what_systemd_is_told(world):
    port = free_port()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(world.path('notify'))
        notify.settimeout(60)

        def told(word):
            heard = b''
            while word not in heard:
                heard = notify.recv(4096)
            return heard.decode()

        path = config(world, port)
        with process(world, path, env=dict(ENVIRONMENT, NOTIFY_SOCKET=world.path('notify'), WATCHDOG_USEC='400000')) as child:
            told(b'READY=1')
            assert listens(port)
            for _ in range(3):
                told(b'WATCHDOG=1')
            child.send_signal(signal.SIGHUP)
            told(b'RELOADING=1')
            assert 'STATUS=serving\n' in told(b'READY=1') + '\n'
            config(world, port, 'nonsense: 1\n')
            child.send_signal(signal.SIGHUP)
            told(b'RELOADING=1')
            assert 'reload failed' in told(b'READY=1')
            child.send_signal(signal.SIGTERM)
            told(b'STOPPING=1')
            assert child.wait(60) == 0


def test_another_user(world):
    """Started as root it opens its port, then becomes a user that is not root, with no way back."""
    if os.geteuid() != 0:
        print('not root: cannot become another user')
        return
    port, user = free_port(), pwd.getpwnam('nobody')
    with process(world, config(world, port, 'run_as: nobody\n')) as child:
        world.until(lambda: listens(port))

        def status():
            with open('/proc/%d/status' % child.pid, encoding='ascii') as file:
                return dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
        world.until(lambda: status()['Uid'].split()[0] != '0')
        assert answers(port)
        status = status()
        assert status['Uid'].split() == [str(user.pw_uid)] * 4 and status['Gid'].split() == [str(user.pw_gid)] * 4
        assert status['Groups'].split() == [str(user.pw_gid)] and status['NoNewPrivs'] == '1' and int(status['CapEff'], 16) == 0
        with open('/proc/%d/limits' % child.pid, encoding='ascii') as file:
            assert [line.split()[-3:-1] for line in file if line.startswith('Max core')] == [['0', '0']]
        for task in os.listdir('/proc/%d/task' % child.pid):
            assert os.stat('/proc/%d/task/%s' % (child.pid, task)).st_uid in (0, user.pw_uid)
        os.chmod(world.directory, 0o755)
        assert answers(port)
    os.chmod(world.path('server.key'), 0o644)
    for who, words in (('no-such-user', 'there is no user "no-such-user"'), ('root', 'only root can become user "root"')):
        done = subprocess.run([world.binary, 'serve', '-c', config(world, free_port(), 'run_as: %s\n' % who)], env=ENVIRONMENT, capture_output=True,
                              text=True, timeout=200, user='nobody', check=False)
        assert done.returncode == 1 and words in done.stderr, done.stderr


def test_budget_of_descriptors(world):
    path = config(world, free_port())

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))

    done = subprocess.run([world.binary, 'serve', '-c', path], env=ENVIRONMENT, capture_output=True, text=True, timeout=200, preexec_fn=few, check=False)
    assert done.returncode == 1 and 'may open 500' in done.stderr and 'max_clients' in done.stderr, done.stderr
    port = free_port()
    path = config(world, port, 'limits: {max_clients: 100}\n')
    with process(world, path, preexec_fn=few):
        world.until(lambda: listens(port))
        assert answers(port)


def computed(pid):
    """Seconds that a process has computed."""
    with open('/proc/%d/stat' % pid, encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def test_no_descriptors_are_left(world):
    """Somebody has taken them away while it runs: who is there is served, who comes waits and costs nothing, and the log is told once."""
    port = free_port()
    with process(world, config(world, port)) as child:
        world.until(lambda: listens(port))
        with wire.connect('127.0.0.1', port, 'alice', PASSWORD, DATABASE) as w:
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
            most = resource.prlimit(child.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(child.pid, resource.RLIMIT_NOFILE, (len(os.listdir('/proc/%d/fd' % child.pid)) + 2, most[1]))
            waiting, answered = [], []
            for _ in range(20):
                waiting.append(threading.Thread(target=lambda: answered.append(answers(port))))
                waiting[-1].start()
            world.until(lambda: 'cannot accept connections' in child.log())
            world.until(lambda: w.simple('SELECT count(*) FROM channels').rows == [('2',)])
            with socket.create_connection(('127.0.0.1', port)) as late:
                late.sendall(wire.ssl_request())
                before = computed(child.pid)
                time.sleep(2)
                assert computed(child.pid) - before < 0.5, 'it spins'
            assert child.log().count('cannot accept connections') == 1, child.log()
            resource.prlimit(child.pid, resource.RLIMIT_NOFILE, most)
            for thread in waiting:
                thread.join()
            assert answered == [True] * len(waiting)


def test_the_log_cannot_be_written(world):
    """Its disk is full, or who read it has gone: clients are served as ever."""
    for gone in (False, True):
        port = free_port()
        read, written = os.pipe() if gone else (None, os.open('/dev/full', os.O_WRONLY))
        with subprocess.Popen([world.binary, 'serve', '-c', config(world, port)], stdout=written, stderr=written, stdin=subprocess.DEVNULL, env=ENVIRONMENT) as child:
            os.close(written)
            world.until(lambda: child.poll() is not None or serves(port))
            if gone:
                os.close(read)
            for _ in range(5):
                try:
                    wire.connect('127.0.0.1', port, 'alice', 'wrong', DATABASE)  # which is logged
                except wire.LoginRefused:
                    pass
                assert answers(port)
            child.send_signal(signal.SIGHUP)
            assert answers(port)
            child.terminate()
            assert child.wait(60) == 0


def test_no_threads_are_left(world):
    """What cannot be started says so and ends in good order; what runs and lacks them for its backends says that to who asks."""
    if os.geteuid() != 0:
        print('not root: cannot become another user')
        return
    os.chmod(world.directory, 0o755)
    os.chmod(world.path('server.key'), 0o644)
    os.mkdir(world.path('of-nobody'))
    os.chown(world.path('of-nobody'), pwd.getpwnam('nobody').pw_uid, -1)
    port = free_port()
    path = config(world, port, 'audit: {file: of-nobody/audit.log}\nadmin: {socket: of-nobody}\n')
    environment = dict(ENVIRONMENT, ASAN_OPTIONS='detect_leaks=0')  # which would take a thread
    for threads in range(1, 40):
        with process(world, path, env=environment, user='nobody', preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (threads, threads))) as child:
            world.until(lambda: child.poll() is not None or serves(port))
            if child.poll() is None:
                break
            assert child.returncode == 1 and ' thread' in child.log(), (threads, child.returncode, child.log())
    assert child.returncode == 0 and threads > 4, (threads, child.log())


def test_as_process_1(world):
    """In a namespace of processes of its own it is the first: it serves, reaps orphans, obeys SIGTERM, and ends with the child's status."""
    if os.geteuid() != 0:
        print('not root: cannot make a namespace of processes')
        return
    port = free_port()
    with process(world, config(world, port), prefix=['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']) as outer:
        world.until(lambda: listens(port))
        assert answers(port)
        first = int(subprocess.run(['pgrep', '-P', str(outer.pid)], capture_output=True, text=True, check=True).stdout)
        orphan = subprocess.run(['nsenter', '-t', str(first), '-p', '-m', '/bin/bash', '-c', '(sleep 0.3 &) ; exit 0'], check=True, timeout=200)
        assert orphan.returncode == 0

        def children():
            return subprocess.run(['ps', '-o', 'stat=', '--ppid', str(first)], capture_output=True, text=True, check=True).stdout.split()

        world.until(lambda: len(children()) == 1)  # the one that serves
        assert not children()[0].startswith('Z')
        os.kill(first, signal.SIGTERM)
        assert outer.wait(60) == 0
    done = subprocess.run(['unshare', '--pid', '--fork', '--mount-proc', world.binary, 'serve', '-c', config(world, port, 'nonsense: 1\n')], env=ENVIRONMENT,
                          capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 1 and 'nonsense' in done.stderr
