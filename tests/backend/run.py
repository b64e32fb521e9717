#!/usr/bin/python3
"""Pools and server connections against real PostgreSQL servers, and against servers that misbehave.

    tests/backend/run.py [--driver build/dev/tests/pool_driver] [NAME...]

pool_driver does with one pool what it is told, and answers in lines; see its head. Each test is a function test_*;
NAME... runs only those whose name contains one of the words. The last line is `N passed, M failed`.
"""

import argparse
import os
import re
import socket
import struct
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "support"), os.path.dirname(os.path.abspath(__file__))]
from cluster import Cluster, free_port, make_certificate  # noqa: E402
import channel  # noqa: E402
import checks  # noqa: E402
import driver as shared  # noqa: E402
import fairness  # noqa: E402
import hosts  # noqa: E402
from driver import Driver, backs_off, check, eventually, naps  # noqa: E402
from impostor import Impostor, startup  # noqa: E402


# ---- real servers ----

def test_acquire_query_release(cluster):
    with Driver(cluster.port) as driver:
        lent = driver.ask("acquire 0 a")
        check(lent.startswith("a lent "), lent)
        check(driver.ask("query a SELECT g FROM generate_series(1, 3) g") == "a rows 1 2 3", "rows")
        check(driver.ask("query a SELECT nope") == "a error 42703", "an error of the server")
        check(driver.ask("query a SHOW search_path") == "a rows pg_catalog", "search_path is pinned")
        check(driver.ask("query a SHOW standard_conforming_strings") == "a rows on", "pinned")
        check(driver.ask("query a SHOW client_encoding") == "a rows UTF8", "pinned")
        check(driver.ask("query a SHOW application_name") == "a rows headgate", "pinned")
        check(driver.ask("setting a DateStyle") == "a setting ISO, MDY", "a setting that the server reported")
        check(driver.ask("setting a statement_timeout") == "a setting (unknown)", "a setting that nobody knows yet")
        check(driver.ask("release a") == "a released", "released")
        check(driver.stats() == dict(lent=0, idle=1, connecting=0, waiting=0, opened=1, failed=0), "idle now")
        check(driver.ask("acquire 0 a") == lent, "the same connection again")
        check(driver.ask("release a dirty") == "a released", "released with doubt")
        check(driver.until(idle=0, lent=0), "closed")
        check(driver.ask("acquire 0 a") != lent, "another connection")
        driver.ask("query a BEGIN")
        driver.ask("release a")
        check(driver.until(idle=0, lent=0), "a transaction that was left open closes it")


def test_catalog_keeps_search_path(cluster):
    with Driver(cluster.port, name="catalog") as driver:
        driver.ask("acquire 0 a")
        check(driver.ask("query a SHOW search_path") == 'a rows "$user", public', "left alone")


def test_redshift_parameters(cluster):
    with Driver(cluster.port, dialect="redshift") as driver:
        driver.ask("acquire 0 a")
        check(driver.ask("query a SHOW search_path") == "a rows pg_catalog", "pinned")


def test_limit_and_order(cluster):
    with Driver(cluster.port, size=1, queue_ms=4000) as driver:
        driver.ask("acquire 0 a")
        driver.tell("acquire 0 b", "acquire 0 c", "acquire 0 d")
        check(driver.until(waiting=3, lent=1, connecting=0), "nobody gets more than there is")
        check(driver.ask("drop c") == "c dropped", "a waiter leaves")
        driver.tell("release a")
        check([driver.next(), driver.next()][0] == "a released", "order")
        check(driver.stats()["waiting"] == 1, "b has it, d waits")
        fault = driver.next()
        check(fault == 'd fault 53300 all 1 connections to backend "aurora" are in use', fault)
        check(driver.ask("query b SELECT 1") == "b rows 1", "b works")


def test_between_workers(cluster):
    with Driver(cluster.port, workers=3, size=1) as driver:
        lent = driver.ask("acquire 0 a")
        driver.ask("release a")
        for worker, name in ((1, "b"), (2, "c"), (0, "a"), (2, "c")):
            check(driver.ask(f"acquire {worker} {name}") == f"{name} lent {lent.split()[2]}", "it moved")
            check(driver.ask(f"query {name} SELECT 7") == f"{name} rows 7", "and works there")
            driver.ask(f"release {name}")
        driver.ask("acquire 0 a")
        driver.tell("acquire 1 b")
        check(driver.until(waiting=1), "b waits")
        driver.tell("release a")
        check({driver.next(), driver.next()} == {"a released", f"b lent {lent.split()[2]}"}, "released to another worker")
        check(driver.stats()["opened"] == 1, "one connection did it all")


def test_hammer(cluster):
    with Driver(cluster.port, workers=3, size=4, queue_ms=30000) as driver:
        driver.tell(*(f"hammer {i % 3} h{i} 150" for i in range(24)))
        ends = sorted(driver.next(120) for _ in range(24))
        check(ends == sorted(f"h{i} hammered 150 0" for i in range(24)), ends)
        stats = driver.stats()
        check(stats["lent"] == 0 and stats["waiting"] == 0 and stats["connecting"] == 0, stats)
        check(stats["opened"] <= 4 and stats["idle"] == stats["opened"], stats)


def test_hammer_with_losses(cluster):
    """Servers are killed while they work: what is lost is told, nothing hangs, the books stay right."""
    with Driver(cluster.port, workers=2, size=3, queue_ms=30000) as driver:
        driver.tell(*(f"hammer {i % 2} h{i} 400" for i in range(8)))
        for _ in range(5):
            time.sleep(0.1)
            cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'headgate'")
        ends = [driver.next(120) for _ in range(8)]
        check(all(end.endswith(" lost") or end.split()[1] == "hammered" for end in ends), ends)
        check(driver.until(lent=0, waiting=0, connecting=0), "nothing is left behind")


def test_idle_server_dies(cluster):
    with Driver(cluster.port) as driver:
        driver.ask("acquire 0 a")
        driver.ask("release a")
        check(driver.until(idle=1), "idle")
        cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'headgate'")
        check(driver.until(idle=0), "noticed at once")
        check(driver.ask("acquire 0 a").startswith("a lent "), "a new one")


def test_idle_timeout(cluster):
    with Driver(cluster.port, idle_ms=2000) as driver:
        driver.tell("acquire 0 a", "acquire 0 b")
        driver.next(), driver.next()
        driver.ask("release a")
        time.sleep(1)
        driver.ask("release b")
        check(driver.stats()["idle"] == 2, "two idle")
        check(driver.until(idle=1), "the older goes first")
        check(driver.until(idle=0), "and then the other")


def test_cancel(cluster):
    for tls in ("disable", "require"):
        with Driver(cluster.port, tls=tls) as driver:
            lent = driver.ask("acquire 0 a")
            driver.tell("query a SELECT pg_sleep(30)")
            check(eventually(lambda: naps(cluster)), "it runs")
            begun = time.monotonic()
            driver.tell("cancel a")
            check({driver.next(), driver.next()} == {"a error 57014", "a cancelled"}, "cancelled")
            check(time.monotonic() - begun < 20, "quickly")
            check(driver.ask("query a SELECT 1") == "a rows 1", "the session may go on with it")
            driver.ask("release a")
            check(driver.until(idle=0, lent=0), "but nobody else gets it")
            check(driver.ask("acquire 0 a") != lent, "another one")
            driver.tell("cancel a", "release a")  # goes before the request does
            check(driver.next() == "a released", "released")


def test_reload(cluster):
    with Driver(cluster.port, workers=2) as driver:
        old = driver.ask("acquire 0 a")
        driver.ask("acquire 1 b")
        driver.ask("release b")
        check(driver.ask("reload same") == "reload same", "an equal configuration keeps the pool")
        check(driver.stats()["idle"] == 1, "and its connections")
        check(driver.ask("reload changed") == "reload new", "another configuration is another pool")
        check(driver.stats() == dict(lent=0, idle=0, connecting=0, waiting=0, opened=0, failed=0), "empty")
        check(driver.ask("query a SELECT 5") == "a rows 5", "who has a connection keeps it")
        check(driver.ask("release a") == "a released", "until it is released")
        check(driver.ask("acquire 0 a") != old, "then it is gone")
        held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'headgate'"
        check(eventually(lambda: cluster.sql(held) == "1"), "one connection is open at the server")


def test_tls(cluster):
    for tls in ("disable", "prefer", "require"):
        with Driver(cluster.port, tls=tls) as driver:
            driver.ask("acquire 0 a")
            uses = driver.ask("query a SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            check(uses == ("a rows f" if tls == "disable" else "a rows t"), (tls, uses))
            check(driver.ask("query a SELECT length(repeat('x', 100000))") == "a rows 100000", tls)
    with Driver(cluster.port, tls="verify-full", ca=cluster.ca_file, host="localhost", workers=2, size=1) as driver:
        driver.ask("acquire 0 a")
        driver.ask("release a")
        check(driver.ask("acquire 1 b").startswith("b lent "), "moves between workers under TLS")
        check(driver.ask("query b SELECT 1") == "b rows 1", "verified by name")
    with Driver(cluster.port, tls="verify-full", ca=cluster.ca_file) as driver:
        check(driver.ask("acquire 0 a").startswith("a lent "), "verified by address")
    with tempfile.TemporaryDirectory() as directory:
        stranger = os.path.join(directory, "stranger.crt")
        make_certificate(stranger, os.path.join(directory, "stranger.key"))
        with Driver(cluster.port, tls="verify-full", ca=stranger, host="localhost") as driver:
            check(driver.ask("acquire 0 a") == 'a fault 08001 cannot connect to backend "aurora"', "a stranger's roots")
        check("certificate verify failed" in driver.log, driver.log)


def test_unix_socket(cluster):
    with Driver(cluster.port, host=cluster.directory, tls="require") as driver:
        check(driver.ask("acquire 0 a").startswith("a lent "), "over the Unix socket")
        check(driver.ask("query a SELECT inet_server_addr() IS NULL") == "a rows t", "indeed")


def test_login_refused(cluster):
    for options, words in (({"password": "wrong"}, "28P01"), ({"database": "absent"}, "3D000")):
        with Driver(cluster.port, **options) as driver:
            fault = driver.ask("acquire 0 a")
            check(fault == 'a fault 08001 cannot connect to backend "aurora"', fault)
        check(words in driver.log and "wrong" not in driver.log, driver.log)


def test_md5_and_cleartext(cluster):
    cluster.sql("SET password_encryption = md5; CREATE ROLE old LOGIN PASSWORD 'secret'")
    with Driver(cluster.port, user="old", password="secret") as driver:
        check(driver.ask("acquire 0 a").startswith("a lent "), "md5")
    with Driver(cluster.port, user="clear", password="secret") as driver:
        check(driver.ask("acquire 0 a").startswith("a fault 08001"), "no password in the clear")
    with Driver(cluster.port, user="clear", password="secret", tls="require") as driver:
        check(driver.ask("acquire 0 a").startswith("a lent "), "but under TLS")


def test_server_goes_and_comes_back(_):
    with Cluster("comeback") as own, Driver(own.port, size=2, queue_ms=8000) as driver:
        driver.ask("acquire 0 a")
        driver.ask("release a")
        began = time.monotonic()
        own.kill9()
        check(driver.until(idle=0), "the idle one is dropped")
        for _ in range(2):
            fault = driver.ask("acquire 0 a")
            check(fault.startswith("a fault 08001"), f"told: {fault}")  # after queue_ms it would be 53300
        backs_off(driver, began)
        own.start()
        check(eventually(lambda: driver.ask("acquire 0 a").startswith("a lent ")), "it recovers by itself")


def test_waiters_survive_a_failed_attempt(cluster):
    """One connection is lent, opening a second fails: waiters go on waiting for the first."""
    cluster.sql("CREATE ROLE single LOGIN PASSWORD 'p' CONNECTION LIMIT 1")
    with Driver(cluster.port, user="single", password="p", size=3, queue_ms=6000) as driver:
        began = time.monotonic()
        driver.ask("acquire 0 a")
        driver.tell("acquire 0 b")
        time.sleep(0.5)
        check(driver.stats()["waiting"] == 1, "b waits on")
        backs_off(driver, began)
        driver.tell("release a")
        answers = {driver.next(), driver.next()}
        check(any(answer.startswith("b lent") for answer in answers), answers)
        driver.tell("acquire 0 c")
        answer = driver.next()
        check(answer.startswith("c fault 08001"), answer)
    check("too many connections" in driver.log, driver.log)


# ---- servers that misbehave ----

def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def welcome(connection):
    startup(connection)
    connection.sendall(message(b"R", struct.pack("!I", 0)) + message(b"K", struct.pack("!II", 42, 4242)) +
                       message(b"Z", b"I"))


def refused(script, words, connect_ms=20000, **options):
    with Impostor(script) as impostor:
        with Driver(impostor.port, connect_ms=connect_ms, **options) as driver:
            answer = driver.ask("acquire 0 a")
            check(answer == 'a fault 08001 cannot connect to backend "aurora"', (words, answer))
        check(words in driver.log, (words, driver.log))


def listens(connection):
    while connection.recv(1000):
        pass


def test_impostors():
    def answers(*parts):
        def script(connection):
            startup(connection)
            for part in parts:
                connection.sendall(part)
                time.sleep(0.05)
            listens(connection)
        return script

    refused(startup, "hung up during the login")
    refused(listens, "the login took longer than 400 ms", connect_ms=400)
    refused(listens, "asking for TLS took longer than 400 ms", connect_ms=400, tls="require")
    refused(answers(b"N"), "does not offer TLS", tls="require")
    refused(answers(b"SE"), "between its answer to the request for TLS and the handshake", tls="require")
    refused(answers(b"E"), "unexpected answer to the request for TLS", tls="prefer")
    refused(answers(b"S", b"not a handshake at all"), "TLS: ", tls="require")
    refused(answers(b"S"), "the TLS handshake took longer than 400 ms", connect_ms=400, tls="require")
    refused(answers(b"R\xff\xff\xff\xff"), "impossible length")
    refused(answers(b"R\x00\x00\x00\x03"), "impossible length")
    refused(answers(b"D\x00\x00\x00\x04"), "")
    refused(answers(message(b"R", struct.pack("!I", 99))), "")
    refused(answers(message(b"E", b"SFATAL\0C53300\0Mno\nroom\0\0")), "53300 no")


def test_endless_logins(cluster):
    """Whoever never comes to an end is given up in time, and meanwhile nobody else waits for it."""
    floods = {"notices": message(b"N", b"SNOTICE\0C00000\0M" + b"x" * 5000 + b"\0\0"),
              "parameters": message(b"S", b"TimeZone\0" + b"x" * 60000 + b"\0")}
    for name, flood in floods.items():
        def script(connection, first=message(b"R", struct.pack("!I", 0)) if name == "parameters" else b"", flood=flood):
            startup(connection)
            connection.sendall(first)
            while True:
                connection.sendall(flood)

        with Impostor(script) as impostor, Driver(impostor.port, connect_ms=700, more=[f"host={cluster.port}"],
                                                sanitizer="quarantine_size_mb=16") as driver:  # or it keeps what was freed
            check(driver.ask("acquire 0 a").startswith("a lent"), "the next host is taken")
            with open(f"/proc/{driver.process.pid}/status", encoding="ascii") as status:
                kilobytes = int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1))
            check(kilobytes < 300000, f"{name}: {kilobytes} kB")
        check("the login took longer than 700 ms" in driver.log, (name, driver.log))


def test_a_ping_is_answered_otherwise(cluster):
    """An unused connection that says something else, or hangs up, when it is asked: it goes, and its host is as good as before."""
    for answer in (message(b"S", b"TimeZone\0UTC\0") + message(b"Z", b"I"), message(b"Z", b"T"), None):
        asked = threading.Event()

        def script(connection, answer=answer):
            welcome(connection)
            if connection.recv(5) == b"S\0\0\0\4":
                asked.set()
                if answer:
                    connection.sendall(answer)
                    connection.recv(5)

        with Impostor(script) as impostor, Driver(impostor.port, more=[f"host={cluster.port}", "health=200"]) as driver:
            driver.ask("acquire 0 a")
            driver.ask("release a")
            check(asked.wait(20) and driver.until(idle=0), "asked, and closed")
            check(driver.ask("acquire 0 a") == "a lent 42", "the same host")
        check("does not answer" not in driver.log, driver.log)


def test_prefer_takes_no_for_an_answer():
    def script(connection):
        startup(connection)
        connection.sendall(b"N")
        welcome(connection)
        connection.recv(10)

    with Impostor(script) as impostor, Driver(impostor.port, tls="prefer") as driver:
        check(driver.ask("acquire 0 a") == "a lent 42", "plain")


def test_unasked_bytes():
    """A server that says something nobody asked for is not lent again."""
    speak = threading.Event()

    def script(connection):
        first = not speak.is_set()
        welcome(connection)
        if first:
            speak.wait(60)
            connection.sendall(message(b"D", b"\0\0"))
        connection.recv(10)

    with Impostor(script) as impostor, Driver(impostor.port, size=1) as driver:
        driver.ask("acquire 0 a")
        driver.ask("release a")
        check(driver.stats()["idle"] == 1, "idle")
        speak.set()
        check(driver.until(idle=0), "dropped")
        check(driver.ask("acquire 0 a").startswith("a lent "), "a fresh one")
        check(impostor.accepted == 2, "indeed")


def test_back_off():
    port = free_port()
    with Driver(port, workers=2) as driver:
        began = time.monotonic()
        answers = [driver.ask(f"acquire {i % 2} a{i}") for i in range(200)]
        check(all(answer.endswith('fault 08001 cannot connect to backend "aurora"') for answer in answers), "all told")
        backs_off(driver, began)
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            driver.ask("acquire 0 again")
            time.sleep(0.005)
        backs_off(driver, began)


def test_connect_timeout():
    silent = socket.create_server(("127.0.0.1", 0), backlog=0)
    fillers = []
    for _ in range(3):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(silent.getsockname())
        fillers.append(filler)
    with Driver(silent.getsockname()[1], connect_ms=300, queue_ms=60000) as driver:
        begun = time.monotonic()
        check(driver.ask("acquire 0 a").startswith("a fault 08001"), "told")
        check(0.2 < time.monotonic() - begun < 20, "in time")
    for filler in fillers:
        filler.close()
    silent.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver", default=os.path.join(ROOT, "build/dev/tests/pool_driver"))
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    shared.path = options.driver
    tests = [(name, test) for module in (sys.modules[__name__], channel, hosts, fairness) for name, test in vars(module).items()
             if name.startswith("test_") and (not options.names or any(word in name for word in options.names))]
    hba = ["host all clear 127.0.0.1/32 password", "host all old 127.0.0.1/32 md5"]
    with Cluster("backend", tls=True, hba=hba, settings={"ssl_min_protocol_version": "TLSv1.2"}) as cluster:
        cluster.sql("CREATE ROLE clear LOGIN PASSWORD 'secret'")
        for name, test in tests:
            begun = time.monotonic()
            if test.__code__.co_argcount:
                test(cluster)
            else:
                test()
            print(f"{name} {time.monotonic() - begun:.1f} s", flush=True)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
