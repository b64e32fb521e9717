"""Throwaway PostgreSQL 15 clusters for tests and for the demo.

    with Cluster("aurora", settings={"max_connections": 50}) as aurora:
        aurora.sql("CREATE DATABASE metrics")
        print(aurora.sql("SELECT 1, 'a'", database="metrics"))      # "1|a"

A cluster lives in its own directory, listens on a free loopback port and on a Unix socket in that directory, asks
every connection for a SCRAM password, and does not care about crashes (fsync off). The postmaster is our child, so
that it is ended by its pid and by nothing else. stop() ends it and removes the directory; it also runs at exit of
the program and when SIGTERM, SIGINT or SIGHUP ends it; should the program be killed, the kernel ends the postmaster.
Servers refuse to run as root, so root runs them as the user postgres.

Run as a program, it starts one cluster, prints how to reach it and waits:  cluster.py NAME [PORT]
"""

import atexit
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

BIN = os.environ.get("PG_BIN", "/usr/lib/postgresql/15/bin")
SERVER_USER = "postgres"

DEFAULTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": 200,
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}

_live = []  # clusters that stop at exit
_claimed = []  # what says that a port is ours


class ClusterError(Exception):
    """A cluster that does not start, or SQL that failed; the text is the server's own."""


class Cluster:
    """One PostgreSQL server. Public: name, directory, port, password (the superuser's), log, ca_file (with tls)."""

    def __init__(self, name, base_dir=None, port=None, settings={}, tls=False, password="postgres", hba=(),
                 address="127.0.0.1", within=(), locales=None):
        """base_dir: the cluster lives in base_dir/name (default: a fresh directory below /tmp). hba: lines that go
        before those of initdb, e.g. "host all old 127.0.0.1/32 md5". within: words before the server's command, e.g.
        ("ip", "netns", "exec", "far") for a network where address is its own. locales: a directory of them, besides C
        (make_locale)."""
        self.name = name
        self.password = password
        self.settings = {**DEFAULTS, **settings}
        self.hba = list(hba)
        self.address, self.within = address, list(within)
        self.environment = {**os.environ, "LOCPATH": locales} if locales else None
        self.tls = tls
        self.ca_file = None
        self._port_given = port
        self.port = port
        self._base_dir = base_dir
        self._own_base = base_dir is None
        self.directory = None
        self._process = None

    # ---- life ----

    def start(self):
        """Creates the cluster and starts it; returns self. On a stopped cluster that still has its directory (after
        kill9() or halt()) it starts the server again."""
        if self.directory is None:
            self._create()
        if self not in _live:
            _arm()
            _live.append(self)
        for attempt in range(5):
            if self._port_given is None and (self.port is None or attempt):
                self.port = free_port()
            if self._launch():
                return self
            if self._port_given is not None or "in use" not in self.log_tail():
                break
        tail = self.log_tail()
        self.stop()
        raise ClusterError(f"cluster {self.name} does not start:\n{tail}")

    def halt(self, how=signal.SIGINT):
        """Ends the server and keeps its directory. SIGINT is PostgreSQL's fast shutdown."""
        if self._process is None:
            return
        for number, patience in ((how, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if self._process.poll() is None:
                self._process.send_signal(number)
            try:
                self._process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None

    def kill9(self):
        """Kills the postmaster and every one of its processes, as a machine that loses power."""
        if self._process is None:
            return
        children = _children(self._process.pid)
        self._process.send_signal(signal.SIGKILL)
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._process.wait()
        self._process = None
        try:
            os.unlink(os.path.join(self._data, "postmaster.pid"))
        except FileNotFoundError:
            pass

    def stop(self):
        """Ends the server and removes its directory. Harmless when repeated."""
        self.halt()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
            if self._own_base:
                shutil.rmtree(self._base_dir, ignore_errors=True)
                self._base_dir = None
            self.directory = None
        if self in _live:
            _live.remove(self)

    def running(self):
        return self._process is not None and self._process.poll() is None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- use ----

    def dsn(self, database="postgres", user="postgres", password=None):
        """A libpq connection string over TCP. password: default the superuser's."""
        password = self.password if password is None else password
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user} password={password}"

    def sql(self, text, database="postgres"):
        """Runs SQL (a script, psql's commands included) as superuser, in autocommit; stops at the first error and
        raises ClusterError with it. Returns the rows as text: a line per row, columns separated by '|'."""
        command = [os.path.join(BIN, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "PGHOST": self.directory,
                       "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": self.password,
                       "PGDATABASE": database, "PGCLIENTENCODING": "UTF8", "LC_ALL": "C.UTF-8",
                       "PGOPTIONS": "-c client_min_messages=warning"}
        done = subprocess.run(command, input=text, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise ClusterError(f"{self.name}/{database}: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    psql = sql

    def log_tail(self, lines=30):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except (FileNotFoundError, TypeError):
            return ""

    # ---- inside ----

    def _create(self):
        if self._base_dir is None:
            self._base_dir = tempfile.mkdtemp(prefix="headgate-", dir="/tmp")
        os.makedirs(self._base_dir, exist_ok=True)
        if os.getuid() == 0:
            os.chmod(self._base_dir, os.stat(self._base_dir).st_mode | 0o111)
        self.directory = os.path.join(os.path.abspath(self._base_dir), self.name)
        self._data = os.path.join(self.directory, "data")
        self.log = os.path.join(self.directory, "log")
        os.mkdir(self.directory, 0o700)
        pwfile = os.path.join(self.directory, "password")
        with open(pwfile, "w", encoding="utf-8") as file:
            file.write(self.password + "\n")
        self._give_away(self.directory, pwfile)
        done = subprocess.run(
            [*self._as_server_user(False), os.path.join(BIN, "initdb"), "-D", self._data, "-U", "postgres",
             "-A", "scram-sha-256", f"--pwfile={pwfile}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
             "--no-instructions"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
        if done.returncode != 0:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise ClusterError(f"initdb of {self.name}: {done.stdout}")
        if self.tls:
            self._make_certificate()
        with open(os.path.join(self._data, "postgresql.conf"), "a", encoding="utf-8") as file:
            for key, value in self.settings.items():
                quoted = str(value).replace("'", "''")
                file.write(f"{key} = '{quoted}'\n")
        if self.hba:
            path = os.path.join(self._data, "pg_hba.conf")
            with open(path, encoding="utf-8") as file:
                rest = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(self.hba) + "\n" + rest)

    def _make_certificate(self):
        certificate = os.path.join(self.directory, "server.crt")
        key = os.path.join(self.directory, "server.key")
        make_certificate(certificate, key)
        self._give_away(certificate, key)
        self.ca_file = certificate
        self.settings.update({"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key})

    def _launch(self):
        """Starts the postmaster and waits until it answers; False when it went away."""
        command = [*self.within, *self._as_server_user(threading.current_thread() is threading.main_thread()),
                   os.path.join(BIN, "postgres"), "-D", self._data, "-p", str(self.port),
                   "-c", f"listen_addresses={self.address}", "-c", f"unix_socket_directories={self.directory}"]
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                             start_new_session=True, env=self.environment)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self._process.poll() is not None:
                self._process = None
                return False
            ready = subprocess.run([os.path.join(BIN, "pg_isready"), "-q", "-h", self.address, "-p", str(self.port)])
            if ready.returncode == 0:
                return True
            time.sleep(0.05)
        self.halt()
        return False

    @staticmethod
    def _as_server_user(die_with_us):
        if os.getuid() != 0:
            return []
        # The kernel's signal comes when the *thread* that started the child ends: only asked for in the main thread.
        return ["setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--init-groups",
                *(["--pdeathsig=INT"] if die_with_us else []), "--"]

    @staticmethod
    def _give_away(*paths):
        if os.getuid() == 0:
            user = pwd.getpwnam(SERVER_USER)
            for path in paths:
                os.chown(path, user.pw_uid, user.pw_gid)


def make_certificate(certificate, key, name="localhost", addresses=("127.0.0.1",)):
    """A self-signed certificate for a name and addresses, valid for a day short of a month."""
    san = ",".join([f"DNS:{name}"] + [f"IP:{address}" for address in addresses])
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "29", "-subj", f"/CN={name}", "-addext", f"subjectAltName={san}",
                    "-keyout", key, "-out", certificate],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.chmod(key, 0o600)


def make_locale(directory, name):
    """A locale for Cluster(locales=directory), e.g. "de_DE.UTF-8"."""
    os.makedirs(directory, exist_ok=True)
    os.chmod(directory, 0o755)
    subprocess.run(["localedef", "--no-archive", "-i", name.split(".")[0], "-f", "UTF-8", os.path.join(directory, name)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def free_port():
    """A loopback port that is the caller's until its process ends: no other process that asks here is given it, and the
    kernel gives it to no connection as its own end, for it lies beside the range of those."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first, last = map(int, file.read().split())
    below, above = range(20000, first), range(last + 1, 65536)
    for port in random.SystemRandom().sample([*below, *above] or range(1024, 65536), k=200):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(f"\0headgate-port-{port}")  # a name that is known in the same network as the port, and goes with us
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claimed.append(claim)
        return port
    raise ClusterError("no port is free")


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(number) for number in re.findall(r"\d+", file.read())]
    except FileNotFoundError:
        return []


def _stop_all():
    for cluster in list(_live):
        cluster.stop()


def _on_signal(number, _frame):
    _stop_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _arm():
    """Once: stop everything at exit, and on signals that nobody else in the program handles."""
    if getattr(_arm, "done", False):
        return
    _arm.done = True
    atexit.register(_stop_all)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _on_signal)


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print("usage: cluster.py NAME [PORT]", file=sys.stderr)
        return 2
    cluster = Cluster(arguments[0], port=int(arguments[1]) if len(arguments) == 2 else None)
    with cluster:
        print(f"psql '{cluster.dsn()}'", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
