"""Certificates are replaced and reloaded while clients connect all the time."""
import os
import shutil
import ssl
import threading
import time

import wire
from certificates import Authority
from cluster import Cluster, make_certificate
from load import GONE, Client, Load
from test_failures import reads
from world import DATABASE, PASSWORD


class Shaker(threading.Thread):
    """Shakes hands again and again and remembers whose certificate it saw; by `certificate` it also says who it is, and logs in."""

    def __init__(self, world, certificate=None):
        super().__init__(daemon=True)
        self.world, self.certificate, self.seen, self.wrong, self.leave = world, certificate, {}, [], threading.Event()

    def once(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.certificate:
            context.load_cert_chain(*self.certificate)
        w = wire.Wire('127.0.0.1', self.world.port)
        try:
            w.send(wire.ssl_request())
            assert w.recv_bytes(1) == b'S'
            w.sock = context.wrap_socket(w.sock)
            der = w.sock.getpeercert(True)
            w.login('robot' if self.certificate else 'm01', PASSWORD, DATABASE)
            assert w.simple('SELECT count(*) FROM items').rows == [('50',)]
            w.end()
        finally:
            w.drop()
        return der

    def run(self):
        while not self.leave.is_set():
            try:
                der = self.once()
                self.seen[der] = self.seen.get(der, 0) + 1
            except Exception as error:  # noqa: BLE001
                self.wrong.append('%s: %s' % (type(error).__name__, error))
                time.sleep(0.05)

    def goes_on(self):
        """Waits until it has shaken hands once more."""
        seen = sum(self.seen.values())
        self.world.until(lambda: self.wrong or sum(self.seen.values()) > seen)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.leave.set()
        self.join(60)


def replace(world, name, source):
    """As one does it: another file is moved over it."""
    shutil.copy(source, world.path(name + '.new'))
    os.rename(world.path(name + '.new'), world.path(name))


def der_of(path):
    with open(path, encoding='ascii') as file:
        return ssl.PEM_cert_to_DER_cert(file.read())


def test_server_certificate(world):
    """Each handshake sees a certificate that was in force; half of a pair is refused and changes nothing."""
    rounds = 8 if world.brief else 40
    make_certificate(world.path('server.crt'), world.path('server.key'))
    world.start()
    known, current = set(), der_of(world.path('server.crt'))
    known.add(current)
    shakers = [Shaker(world) for _ in range(4)]
    for shaker in shakers:
        shaker.start()
    for i in range(rounds):
        make_certificate(world.path('next.crt'), world.path('next.key'))
        replace(world, 'server.crt', world.path('next.crt'))
        assert world.reload_by_console(), 'a certificate with the key of another was taken'
        assert Shaker(world).once() == current
        replace(world, 'server.key', world.path('next.key'))
        said = world.reload_by_console() if i % 2 else world.reload_by_program()
        assert not said, said
        current = der_of(world.path('server.crt'))
        known.add(current)
        assert Shaker(world).once() == current, 'the old one after the reload'
    for shaker in shakers:
        shaker.__exit__()
    seen = {der for shaker in shakers for der in shaker.seen}
    print('     %d certificates, %d handshakes saw %d of them' % (rounds + 1, sum(sum(s.seen.values()) for s in shakers), len(seen)))
    wrong = [text for shaker in shakers for text in shaker.wrong]
    assert not wrong, '%d failed: %s' % (len(wrong), wrong[:3])
    assert seen <= known and len(seen) > rounds / 2


def test_client_ca(world):
    """From one authority to the other by way of both: whose turn it is gets in, always."""
    old, new = Authority(world.directory, 'old'), Authority(world.directory, 'new')
    certificates = {ca.name: ca.issue('robot-of-' + ca.name, '/CN=robot') for ca in (old, new)}
    with open(old.certificate, encoding='ascii') as a, open(new.certificate, encoding='ascii') as b:
        pems = {'old': a, 'new': b}
        pems = {name: file.read() for name, file in pems.items()}
    world.write('clients.crt', pems['old'])
    world.start(tls='client_ca: clients.crt')

    def becomes(text):
        world.write('clients.crt', text)
        world.write_policy(users='  robot: {tenant: t01, role: plain, login: certificate}\n')
        said = world.reload_by_console()
        assert not said, said

    becomes(pems['old'])
    shaken = 0
    for _ in range(2 if world.brief else 10):
        with Shaker(world, certificates['old']) as before:
            before.goes_on()
            becomes(pems['old'] + pems['new'])
            before.goes_on()
        with Shaker(world, certificates['new']) as after:
            after.goes_on()
            becomes(pems['new'])
            after.goes_on()
        for shaker in (before, after):
            assert not shaker.wrong and shaker.seen, shaker.wrong[:3]
            shaken += sum(shaker.seen.values())
        try:
            Shaker(world, certificates['old']).once()
            raise AssertionError('let in by an authority that is none any more')
        except (wire.WireError, ssl.SSLError, OSError):
            pass
        becomes(pems['old'] + pems['new'])
        becomes(pems['old'])
    print('     %d logins by certificate while authorities changed' % shaken)


def test_backend_ca(world):
    """The file of trusted roots changes under the same path: a wrong one lets no new connection be made, the right one does again."""
    with Cluster('secured', tls=True) as secured:
        world.fill(secured)
        make_certificate(world.path('other.crt'), world.path('other.key'))
        shutil.copy(secured.ca_file, world.path('roots.crt'))
        os.chmod(world.path('roots.crt'), 0o644)
        world.start(remote='host: 127.0.0.1, port: %d, password_env: HG_TEST_PASSWORD, tls: verify-full, tls_ca: roots.crt, connect_timeout: 2s' % secured.port)
        load = Load([Client(world, i, reads('far'), expected=GONE, pause=0.01) for i in range(4)])
        with load:
            load.everybody_answers(60)
            assert not load.errors, load.errors
            replace(world, 'roots.crt', world.path('other.crt'))
            said = world.reload_by_console()
            assert not said, said
            world.until(lambda: all(client.errors for client in load.clients), 60, 'the roots of before are still trusted')
            answered = load.answered
            time.sleep(0.5)
            assert load.answered == answered, 'answers over connections that the new roots do not trust'
            replace(world, 'roots.crt', secured.ca_file)
            said = world.reload_by_console()
            assert not said, said
            took = load.everybody_answers(60)
        load.report('roots of a backend')
        print('     everybody served %.1f s after the right ones were back' % took)
        load.check()
