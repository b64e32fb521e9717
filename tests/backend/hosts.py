"""Several hosts, their health, and credentials that change."""
import json
import os
import socket
import stat
import subprocess
import tempfile
import textwrap
import threading
import time

from cluster import BIN, SERVER_USER, Cluster, free_port
from driver import Driver, check, eventually, naps


def server_of(driver, lease="a"):
    """The port of the server that a lease is on."""
    return driver.ask(f"query {lease} SHOW port").split()[-1]


def on(driver, port, lease="a"):
    answer = driver.ask(f"acquire 0 {lease}")
    check(answer.startswith(f"{lease} lent"), answer)
    found = server_of(driver, lease)
    check(found == str(port), f"on {found} instead of {port}")
    driver.ask(f"release {lease} dirty")


# ---- hosts ----

def test_failover_and_back(cluster):
    with Cluster("second") as second:
        with Driver(second.port, more=[f"host={cluster.port}", "health=200"]) as driver:
            on(driver, second.port)
            second.kill9()
            on(driver, cluster.port)
            check(driver.stats()["failed"] == 0, "nobody noticed")
            for _ in range(20):
                on(driver, cluster.port)
            second.start()
            check(eventually(lambda: "is back" in _log(driver)), "it is noticed")
            on(driver, second.port)


def _log(driver):
    driver.stderr.seek(0)
    return driver.stderr.read()


def test_a_silent_host_is_tried_once(cluster):
    """It takes connections and says nothing: one attempt waits for connect_timeout, none of the later ones does."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Driver(silent.getsockname()[1], more=[f"host={cluster.port}"], connect_ms=3000) as driver:
            begun = time.monotonic()
            on(driver, cluster.port)
            check(time.monotonic() - begun > 2.5, "the first one waited")
            begun = time.monotonic()
            for _ in range(10):
                on(driver, cluster.port)
            check(time.monotonic() - begun < 20, "the others did not")


def test_no_host_left():
    with Driver(free_port(), more=[f"host={free_port()}"]) as driver:
        check(driver.ask("acquire 0 a").startswith("a fault 08001"), "told")
        check(driver.stats()["failed"] == 1, "one attempt on two hosts")


def replica(primary, directory):
    """A streaming standby of the cluster, as a Cluster whose directory is there already."""
    standby = Cluster("standby")
    standby.start()
    standby.halt()
    data = os.path.join(standby.directory, "data") if os.path.isdir(os.path.join(standby.directory, "data")) else standby.directory
    kept = {name: open(os.path.join(data, name)).read() for name in ("postgresql.conf", "pg_hba.conf")}
    copy = os.path.join(directory, "copy")
    subprocess.run([os.path.join(BIN, "pg_basebackup"), "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-D", copy, "-X", "stream"],
                   check=True, env=dict(os.environ, PGPASSWORD=primary.password), capture_output=True)
    subprocess.run(f"cd {data} && find . -mindepth 1 -maxdepth 1 ! -name '.s.*' ! -name '*.log' ! -name '*.crt' ! -name '*.key' -exec rm -rf {{}} + && cp -a {copy}/. .",
                   shell=True, check=True)
    for name, text in kept.items():
        with open(os.path.join(data, name), "w") as file:
            file.write(text)
    with open(os.path.join(data, "postgresql.auto.conf"), "a") as file:
        file.write(f"primary_conninfo = 'host=127.0.0.1 port={primary.port} user=postgres password={primary.password}'\n")
    open(os.path.join(data, "standby.signal"), "w").close()
    subprocess.run(f"chown -R {SERVER_USER} {data} && chmod 700 {data}", shell=True, check=os.geteuid() == 0)
    standby.start()
    return standby


def test_target(cluster):
    """A primary and its real standby; the standby is promoted when the primary dies."""
    with tempfile.TemporaryDirectory() as directory, Cluster("primary", settings={"wal_level": "replica", "max_wal_senders": 4},
                                                             hba=["host replication all 127.0.0.1/32 scram-sha-256"]) as primary:
        os.chmod(directory, 0o777)
        standby = replica(primary, directory)
        try:
            hosts = dict(port=standby.port, connect_ms=20000)
            with Driver(more=[f"host={primary.port}", "target=primary", "health=200"], **hosts) as driver, \
                    Driver(more=[f"host={primary.port}", "target=standby", "health=200"], **hosts) as reader:
                on(driver, primary.port)
                on(reader, standby.port)
                check("it is a standby" in _log(driver), "said why")
                primary.kill9()
                check(driver.ask("acquire 0 b").startswith("b fault 08001"), "no primary is left")
                standby.sql("SELECT pg_promote()")
                check(eventually(lambda: "is back" in _log(driver)), "it is noticed")
                on(driver, standby.port)
                reader.ask("acquire 0 c")
        finally:
            standby.stop()


def test_cancel_reaches_the_same_host(cluster):
    with Cluster("second") as second, Driver(second.port, more=[f"host={cluster.port}"]) as driver:
        driver.ask("acquire 0 a")
        driver.tell("query a SELECT pg_sleep(20)")
        check(eventually(lambda: naps(second)), "it runs")
        driver.tell("cancel a")
        answers = {driver.next(), driver.next()}
        check(answers == {"a cancelled", "a error 57014"}, answers)


# ---- age, minimum, health ----

def test_minimum(cluster):
    with Driver(cluster.port, workers=2, size=5, more=["min=3", "health=100"], idle_ms=150) as driver:
        check(driver.until(idle=3, opened=3), "opened before anybody asked")
        time.sleep(0.5)
        check(driver.stats()["idle"] == 3, "kept")
        cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'headgate'")
        check(driver.until(idle=3, opened=6), "opened again")


def test_age(cluster):
    with Driver(cluster.port, more=["age=4000", "health=100"]) as driver:
        first = driver.ask("acquire 0 a")
        driver.ask("release a")
        check(driver.ask("acquire 0 a") == first, "young")
        time.sleep(4.5)
        check(driver.ask("query a SELECT 1") == "a rows 1", "in use it lives on")
        driver.ask("release a")
        check(driver.stats()["idle"] == 0, "closed when given back")
        driver.ask("acquire 0 a")
        driver.ask("release a")
        check(driver.until(idle=0), "closed while unused")


def test_an_unused_connection_dies_silently(cluster):
    """Behind a relay that stops passing bytes on, as a firewall that has forgotten the connection."""
    with Relay(cluster.port) as relay, Driver(relay.port, connect_ms=5000, more=["health=200"]) as driver:
        driver.ask("acquire 0 a")
        driver.ask("release a")
        passed = relay.passed
        check(eventually(lambda: relay.passed > passed) and driver.stats()["idle"] == 1, "it answers pings")
        relay.stopped = True
        check(eventually(lambda: "does not answer" in _log(driver)), "which is noticed when it does not")
        check(driver.until(idle=0, lent=0), "it is closed")
        relay.stopped = False
        check(driver.ask("acquire 0 a").startswith("a lent"), "a new one")


class Relay:
    """Passes bytes between clients and a server until it is stopped; then it keeps them."""

    def __init__(self, port):
        self.target, self.stopped, self.passed, self.sockets = port, False, 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source, sink):
        try:
            while data := source.recv(65536):
                while self.stopped:
                    time.sleep(0.01)
                sink.sendall(data)
                self.passed += len(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped = False
        self.listener.close()
        for one in self.sockets:
            one.close()


# ---- credentials ----

class Vault:
    """A credential_command that answers what the test wants, and counts its runs."""

    def __init__(self, directory):
        self.program, self.answer, self.runs_file = (os.path.join(directory, name) for name in ("vault", "answer", "runs"))
        with open(self.program, "w") as file:
            file.write(textwrap.dedent(f"""\
                #!/bin/sh
                echo run >>{self.runs_file}
                [ -e {directory}/slow ] && sleep 1
                [ -e {directory}/hangs ] && sleep 60
                [ -e {directory}/fails ] && exit 3
                cat {self.answer}
                """))
        os.chmod(self.program, stat.S_IRWXU)
        self.directory = directory

    def says(self, text=None, **answer):
        with open(self.answer, "w") as file:
            file.write(text if text is not None else json.dumps(answer))

    def flag(self, name, there=True):
        path = os.path.join(self.directory, name)
        if there:
            open(path, "w").close()
        else:
            os.unlink(path)

    def runs(self):
        try:
            with open(self.runs_file) as file:
                return len(file.readlines())
        except FileNotFoundError:
            return 0


def test_credential_command(cluster):
    long = "p" * 5000 + "\u00e9\"\\"
    cluster.sql("CREATE ROLE token LOGIN PASSWORD '%s'" % long.replace("'", "''"))
    with tempfile.TemporaryDirectory() as directory:
        vault = Vault(directory)
        vault.says(user="token", password=long, expires_at="2999-01-01T00:00:00Z")
        with Driver(cluster.port, user="nobody", password="", size=6, workers=2, more=[f"command={vault.program}", "command=with", "command=words"]) as driver:
            vault.flag("slow")
            for i in range(4):
                driver.tell(f"acquire {i % 2} a{i}")
            answers = [driver.next() for _ in range(4)]
            check(all(" lent " in answer for answer in answers), answers)
            check(vault.runs() == 1, f"{vault.runs()} runs for four connections at once")
            check(driver.ask("query a0 SELECT current_user") == "a0 rows token", "as the user that it said")
            vault.flag("slow", False)
            cluster.sql("ALTER ROLE token PASSWORD 'rotated'")
            vault.says(user="token", password="rotated")
            time.sleep(1.1)
            check(driver.ask("acquire 0 b").startswith("b lent"), "rotated, and nobody noticed")
            check(vault.runs() == 2, "fetched again when it was refused")
            check(driver.ask("acquire 0 c").startswith("c lent") and vault.runs() == 2, "kept")
        check(long not in driver.log and "rotated" not in driver.log, "not in the log")
    cluster.sql("DROP ROLE token")


def test_credentials_expire(cluster):
    with tempfile.TemporaryDirectory() as directory:
        vault = Vault(directory)
        for written in (lambda at: at, lambda at: time.strftime("%Y-%m-%dT%H:%M:%S.5+00:00", time.gmtime(at))):
            vault.says(password="postgres", expires_at=written(time.time() + 66))
            before = vault.runs()
            with Driver(cluster.port, password="", size=9, more=[f"command={vault.program}"]) as driver:
                for name in ("a", "b"):
                    check(driver.ask(f"acquire 0 {name}").startswith(f"{name} lent"), "lent")
                check(vault.runs() == before + 1, "once")
                time.sleep(7)
                check(driver.ask("acquire 0 c").startswith("c lent"), "lent")
                check(vault.runs() == before + 2, "again, a minute before it expires")


def test_commands_that_fail(cluster):
    with tempfile.TemporaryDirectory() as directory:
        vault = Vault(directory)
        cases = [("not json", "no JSON"), ("{}", "no JSON"), ('["a"]', "no JSON"), ('{"password": {"a": 1}}', "no JSON"), ('{"password": "x\\u0000y"}', "no JSON"),
                 ('{"password": "geheim", "expires_at": "soon"}', "no time"), ("", "no JSON"), ('{"password": "' + "x" * 70000 + '"}', "too much"),
                 ('{"password": "geheim"', "no JSON")]
        for text, words in cases:
            vault.says(text)
            with Driver(cluster.port, password="", more=[f"command={vault.program}"]) as driver:
                check(driver.ask("acquire 0 a").startswith("a fault 08001"), f"{text[:40]!r}: told")
                check(words in _log(driver) and "geheim" not in _log(driver), f"{text[:40]!r}: {_log(driver)}")
        vault.says(password="postgres")
        vault.flag("fails")
        with Driver(cluster.port, password="", more=[f"command={vault.program}"]) as driver:
            check(driver.ask("acquire 0 a").startswith("a fault 08001") and "ended with an error" in _log(driver), "exit status")
            vault.flag("fails", False)
            check(eventually(lambda: driver.ask("acquire 0 a").startswith("a lent")), "and then it works")
    with Driver(cluster.port, password="", more=["command=/nonexistent/program"]) as driver:
        check(driver.ask("acquire 0 a").startswith("a fault 08001") and "cannot be started" in _log(driver), "no such program")


def test_a_command_that_hangs(cluster):
    """Whoever waits is told in time, and ending the program does not wait for it."""
    with tempfile.TemporaryDirectory() as directory:
        vault = Vault(directory)
        vault.says(password="postgres")
        vault.flag("hangs")
        begun = time.monotonic()
        with Driver(cluster.port, password="", queue_ms=500, more=[f"command={vault.program}"]) as driver:
            check(driver.ask("acquire 0 a").startswith("a fault"), "told")
        check(time.monotonic() - begun < 40, "in time")


def test_password_file(cluster):
    cluster.sql("CREATE ROLE filed LOGIN PASSWORD 'new'")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "password")
        with open(path, "w") as file:
            file.write("new\r\n")
        with Driver(cluster.port, user="filed", password="old", more=[f"file={path}"]) as driver:
            check(driver.ask("acquire 0 a").startswith("a lent"), "read again when it was refused")
    cluster.sql("DROP ROLE filed")
