"""TLS and the login that is bound to it: channel binding, somebody in between, a server whose TLS fails, and what
SCRAM costs."""
import base64
import hashlib
import hmac
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import psycopg2

from cluster import Cluster, make_certificate
from driver import Driver, check, cpu_seconds, eventually, naps
from impostor import Impostor, startup

HBA = ["hostssl all md5 127.0.0.1/32 md5", "hostssl all clear 127.0.0.1/32 password",
       "host all trusted 127.0.0.1/32 trust", "hostssl all plain 127.0.0.1/32 reject",
       "hostnossl all plain 127.0.0.1/32 scram-sha-256"]
ROLES = """CREATE ROLE s LOGIN PASSWORD 'sesame'; CREATE ROLE clear LOGIN PASSWORD 'sesame'; CREATE ROLE trusted LOGIN;
           CREATE ROLE plain LOGIN PASSWORD 'sesame'; SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD 'sesame'"""
REFUSED = 'a fault 08001 cannot connect to backend "aurora"'


def secured(name, **options):
    return Cluster(name, tls=True, hba=HBA, **options)


def login(port, user="s", tls="require", binding="prefer", **options):
    """How it went, and the driver's log."""
    with Driver(port, user=user, password="sesame", tls=tls, more=[f"binding={binding}"], **options) as driver:
        answer = driver.ask("acquire 0 a")
        if answer.startswith("a lent"):
            answer = driver.ask("query a SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    return answer, driver.log


def test_channel_binding():
    with secured("binding") as server:
        server.sql(ROLES)
        for tls, binding in (("prefer", "prefer"), ("prefer", "require"), ("require", "require"), ("require", "disable")):
            check(login(server.port, tls=tls, binding=binding)[0] == "a rows t", (tls, binding))
        check(login(server.port, tls="disable")[0] == "a rows f", "prefer, without TLS")
        for user, tls, words in (("md5", "require", "the server asks for an md5 password"),
                                 ("clear", "require", "the server asks for a cleartext password"),
                                 ("trusted", "require", "the server asks for no password at all"),
                                 ("s", "disable", "channel_binding is required, and the server does not offer"),
                                 ("plain", "prefer", "channel_binding is required, and the server does not offer")):
            check(login(server.port, user, "require" if tls == "require" else tls)[0].startswith("a rows"), user)
            answer, log = login(server.port, user, tls, "require")
            check(answer == REFUSED and words in log, (user, answer, log))


def reissue(server, *arguments):
    """Gives the server another certificate of its own."""
    key, certificate = server.settings["ssl_key_file"], server.settings["ssl_cert_file"]
    with tempfile.TemporaryDirectory() as directory:
        made = os.path.join(directory, "key"), os.path.join(directory, "crt")
        subprocess.run(["openssl", "req", "-x509", *arguments, "-nodes", "-days", "29", "-subj", "/CN=localhost",
                        "-keyout", made[0], "-out", made[1]], check=True, capture_output=True)
        for source, target in zip(made, (key, certificate)):
            shutil.copyfile(source, target)  # keeps owner and mode of the target
    server.sql("SELECT pg_reload_conf()")
    shown = subprocess.run(["openssl", "x509", "-in", certificate, "-outform", "DER"], check=True, capture_output=True)
    for _ in range(800):
        with ssl_to(server.port) as connection:
            if connection.getpeercert(True) == shown.stdout:
                return
        time.sleep(0.05)
    raise RuntimeError("the server keeps its old certificate")


def ssl_to(port):
    """A TLS connection to a PostgreSQL server, behind the SSLRequest."""
    plain = socket.create_connection(("127.0.0.1", port))
    plain.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
    if plain.recv(1) != b"S":
        raise OSError("no TLS")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def by_libpq(port, binding):
    try:
        psycopg2.connect(host="127.0.0.1", port=port, user="s", password="sesame", dbname="postgres", sslmode="require",
                         channel_binding=binding).close()
    except psycopg2.OperationalError:
        return False
    return True


def test_certificates_of_every_kind():
    """Each is hashed as libpq and the server hash it: whoever binds to something else is refused."""
    rsa = ("-newkey", "rsa:2048")
    kinds = {"EC, SHA-256": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
             "EC, SHA-384": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-sha384"),
             "RSA, SHA-1": (*rsa, "-sha1"), "RSA, SHA-512": (*rsa, "-sha512"),
             "RSA-PSS, SHA-384": (*rsa, "-sha384", "-sigopt", "rsa_padding_mode:pss"),
             "Ed25519": ("-newkey", "ed25519")}
    with secured("certificates") as server:
        server.sql(ROLES)
        for kind, arguments in kinds.items():
            reissue(server, *arguments)
            for binding in ("require", "prefer", "disable"):
                answer, log = login(server.port, binding=binding)
                check((answer == "a rows t") == by_libpq(server.port, binding), (kind, binding, answer, log))
                if kind == "Ed25519" and binding != "disable":
                    check("channel_binding: disable" in log, log)
                else:
                    check(answer == "a rows t", (kind, binding, answer, log))


class Between:
    """Somebody who terminates TLS, with a certificate of its own, and passes on what both sides say."""

    def __init__(self, server, change=lambda data: data):
        self.server, self.change = server, change
        self.directory = tempfile.TemporaryDirectory()
        certificate, key = os.path.join(self.directory.name, "crt"), os.path.join(self.directory.name, "key")
        make_certificate(certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.impostor = Impostor(self.serve)
        self.port = self.impostor.port

    def serve(self, connection):
        startup(connection)
        connection.sendall(b"S")
        with self.context.wrap_socket(connection, server_side=True) as client, ssl_to(self.server.port) as server:
            def back():
                try:
                    while data := server.recv(65536):
                        client.sendall(self.change(data))
                except OSError:
                    pass
                client.close()
            threading.Thread(target=back, daemon=True).start()
            while data := client.recv(65536):
                server.sendall(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.impostor.__exit__()
        self.directory.cleanup()


def without_plus(data):
    """The server's offer, less SCRAM-SHA-256-PLUS."""
    plus = b"SCRAM-SHA-256-PLUS\0"
    if data[:1] != b"R" or plus not in data:
        return data
    data = data.replace(plus, b"")
    return data[:1] + (len(data) - 1).to_bytes(4, "big") + data[5:]


def test_somebody_in_between():
    with secured("between") as server:
        server.sql(ROLES)
        with Between(server) as other:
            check(login(other.port, binding="disable")[0] == "a rows t", "it does pass everything on")
            for binding in ("prefer", "require"):
                answer, log = login(other.port, binding=binding)
                check(answer == REFUSED and "channel binding check failed" in log, (binding, answer, log))
                answer, log = login(other.port, tls="prefer", binding=binding)
                check(answer == REFUSED and "in clear text" not in log, (binding, answer, log))
        with Between(server, without_plus) as other:
            check(login(other.port, binding="disable")[0] == "a rows t", "this one too")
            answer, log = login(other.port)
            check(answer == REFUSED and "channel binding negotiation error" in log, (answer, log))
            answer, log = login(other.port, binding="require")
            check(answer == REFUSED and "the server does not offer SCRAM-SHA-256-PLUS" in log, (answer, log))


# ---- tls: prefer ----

BROKEN = {"ssl_min_protocol_version": "TLSv1.1", "ssl_max_protocol_version": "TLSv1.1"}  # we ask for 1.2 at least


def configure(server, **settings):
    for name, value in settings.items():
        server.sql(f"ALTER SYSTEM SET {name} = '{value}'")
    server.sql("SELECT pg_reload_conf()")


def shakes_hands(server, wanted):
    for _ in range(800):
        try:
            ssl_to(server.port).close()
            works = True
        except OSError:
            works = False
        if works == wanted:
            return True
        time.sleep(0.05)
    return False


def test_prefer_goes_on_in_clear_text():
    with secured("prefer", settings=BROKEN) as server:
        server.sql(ROLES)
        for tls in ("require", "verify-full"):
            answer, log = login(server.port, tls=tls, ca=server.ca_file)
            check(answer == REFUSED and "in clear text" not in log, (tls, answer, log))
        with Driver(server.port, user="s", password="sesame", tls="prefer", more=["binding=prefer"]) as driver:
            for name in ("a", "b"):
                driver.ask(f"acquire 0 {name}")
                uses = driver.ask(f"query {name} SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                check(uses == f"{name} rows f", uses)
            driver.tell("query a SELECT pg_sleep(30)")
            check(eventually(lambda: naps(server)), "it runs")
            driver.tell("cancel a")
            check({driver.next(), driver.next()} == {"a error 57014", "a cancelled"}, "cancelled, in clear text too")
            server.sql("ALTER SYSTEM SET ssl_max_protocol_version = ''")
            server.sql("SELECT pg_reload_conf()")
            check(shakes_hands(server, True), "TLS works again")
            driver.ask("release a dirty")
            driver.ask("acquire 0 a")
            check(driver.ask("query a SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "a rows t", "under TLS")
            configure(server, ssl_max_protocol_version="TLSv1.1")
            check(shakes_hands(server, False), "TLS is broken again")
            driver.ask("release a dirty")
            check(driver.ask("acquire 0 a").startswith("a lent"), "in clear text again")
            check(driver.stats()["failed"] == 0, "none of it was a failure")
        words = "are in clear text, because TLS, which is only preferred, failed: "
        check(driver.log.count(words) == 2, driver.log)


def test_prefer_and_hostnossl():
    """A server that takes the user without TLS only. A wrong password is no reason to try without TLS."""
    with secured("hostnossl", settings={"log_connections": "on"}) as server:
        server.sql(ROLES)
        answer, log = login(server.port, "plain", "prefer")
        check(answer == "a rows f" and "pg_hba.conf rejects connection" in log, (answer, log))
        check(login(server.port, "plain", "require")[0] == REFUSED, "require is require")
        with Driver(server.port, user="s", password="wrong", tls="prefer") as driver:
            check(driver.ask("acquire 0 a") == REFUSED, "refused")
        with open(server.log, encoding="utf8") as log:
            failures = log.read().count('password authentication failed for user "s"')
        check(failures == 1, f"{failures} attempts")


# ---- what it costs ----

ITERATIONS = 400000
SALT = b"sixteen bytes .."


def verifier(password):
    """As a server would keep it; and the seconds of this machine that it takes."""
    begun = time.process_time()
    salted = hashlib.pbkdf2_hmac("sha256", password, SALT, ITERATIONS)
    took = time.process_time() - begun
    client_key, server_key = (hmac.digest(salted, name, "sha256") for name in (b"Client Key", b"Server Key"))
    stored = hashlib.sha256(client_key).digest()
    parts = [base64.b64encode(part).decode() for part in (SALT, stored, server_key)]
    return "SCRAM-SHA-256$%d:%s$%s:%s" % (ITERATIONS, *parts), took


def test_keys_are_made_once_and_aside():
    text, took = verifier(b"sesame")
    with secured("slow", settings={"password_encryption": "scram-sha-256"}) as server:
        server.sql(f"CREATE ROLE slow LOGIN PASSWORD '{text}'")
        with Driver(server.port, user="slow", password="sesame", tls="require", size=12, workers=2, connect_ms=60000,
                    queue_ms=60000, more=["binding=require"]) as driver:
            driver.tell(*(f"acquire {i % 2} a{i}" for i in range(12)))
            answers = [driver.next(60) for _ in range(12)]
            check(all(" lent " in answer for answer in answers), answers)
            used = cpu_seconds(driver.process)
            check(used < 4 * took + 2, f"{used} s for twelve connections, {took} s for one")
            check(driver.ask("reload changed") == "reload new", "another pool, with keys of its own")
            driver.tell("acquire 0 late")
            answered = 0
            while (answer := driver.ask("query a0 SELECT 1")) == "a0 rows 1":
                answered += 1
            check(answer.startswith("late lent"), answer)
            check(answered > 100, f"the worker answered {answered} times while keys were made")


def test_a_new_salt_each_time():
    """Whoever asks for much work, and for other work each time, gets no worker to stand still."""
    count = 0

    def script(connection):
        nonlocal count
        startup(connection)
        count += 1
        salt = base64.b64encode(count.to_bytes(8, "big"))
        connection.sendall(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0")
        head = connection.recv(5, socket.MSG_WAITALL)
        first = connection.recv(int.from_bytes(head[1:], "big") - 4, socket.MSG_WAITALL)
        challenge = first[first.index(b"r="):] + b"x,s=" + salt + b",i=1000000"
        connection.sendall(b"R" + (len(challenge) + 8).to_bytes(4, "big") + b"\0\0\0\x0b" + challenge)
        connection.recv(1000)
        connection.sendall(b"E\0\0\0\x14SFATAL\0C28P01\0\0")

    with secured("victim") as server, Impostor(script) as impostor:
        server.sql(ROLES)
        with Driver(server.port, user="s", password="sesame", more=[f"host={impostor.port}"]) as driver, \
                Driver(impostor.port, size=50, connect_ms=1500) as other:
            other.tell(*(f"acquire 0 a{i}" for i in range(50)))
            check(driver.ask("acquire 0 a").startswith("a lent"), "another process goes on")
            answers = [other.next(60) for _ in range(50)]
            check(all(answer.split()[1] == "fault" for answer in answers), answers)
            check(other.ask("stats").startswith("stats 0 0 "), "and it does not hang")
        check("the login took longer than 1500 ms" in other.log or "28P01" in other.log, other.log)
