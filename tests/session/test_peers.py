"""Several Headgates behind one address: a cancel request that comes to the wrong one finds the right one."""
import select
import socket
import threading

import psycopg

import wire
from headgate import Headgate, free_port
from test_process import QUICK, SLOW, SLOWLY, starts_slow
from world import DATABASE, PASSWORD


class Balancer:
    """A TCP load balancer: each connection goes to the next of its targets."""

    def __init__(self, ports):
        self.ports, self.turn, self.closed = list(ports), 0, False
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.turn += 1
            threading.Thread(target=self.pump, args=(client, self.ports[self.turn % len(self.ports)]), daemon=True).start()

    @staticmethod
    def pump(client, port):
        with client, socket.create_connection(('127.0.0.1', port)) as server:
            other = {client: server, server: client}
            while other:
                for one in select.select(list(other), [], [])[0]:
                    try:
                        data = one.recv(65536)
                        other[one].sendall(data)
                    except OSError:
                        return
                    if not data:
                        return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class Peers:
    """Instances 1 and 2 beside the world's own, of the same policy."""

    def __init__(self, world, tls=True, wrong=False):
        self.ports = {number: free_port() for number in (1, 2)}
        self.headgates = []
        listed = {1: self.ports[2], 2: self.ports[1]} if wrong else self.ports
        for number, port in self.ports.items():
            with open(world.path('headgate.yaml'), encoding='utf8') as file:
                text = file.read().replace('127.0.0.1:%d' % world.port, '127.0.0.1:%d' % port)
            if not tls:
                text = text.replace('mode: prefer', 'mode: disable')
            name = 'instance%d.yaml' % number
            # the wrong list names itself as the other: without the mark a request would go round for ever
            peers = ', '.join('%d: "127.0.0.1:%d"' % (other, at) for other, at in ({3: port} if wrong else listed).items())
            world.write(name, text + 'instance: %d\npeers: {%s}\n' % (number, peers))
            self.headgates.append(Headgate(world.binary, world.path(name), port, {'HG_TEST_PASSWORD': PASSWORD}))

    def __enter__(self):
        for headgate in self.headgates:
            headgate.start()
        return self

    def __exit__(self, *_):
        assert [headgate.stop() for headgate in self.headgates] == [0, 0]


def log_in(port):
    return wire.connect('127.0.0.1', port, 'alice', PASSWORD, DATABASE)


def cancel_at(port, w, secret=None, pid=None):
    with wire.Wire('127.0.0.1', port) as other:
        other.send(wire.cancel_request(pid or w.pid, w.secret if secret is None else secret))
        assert other.recv_to_end() == []


def test_cancel_through_a_peer(world):
    for tls in (True, False):
        with Peers(world, tls) as peers, log_in(peers.ports[1]) as w:
            assert w.pid >> 24 == 1
            for _ in range(3):
                starts_slow(world, w)
                cancel_at(peers.ports[2], w, b'xxxx')
                assert w.is_silent(0.3)
                cancel_at(peers.ports[2], w)
                assert w.result().sqlstate == '57014'
                assert w.simple(QUICK).rows == [('1000',)]


def test_cancel_of_nobody(world):
    """Unknown instances, peers that are down, and lists that lead in a circle: the connection just ends, soon."""
    with Peers(world) as peers, log_in(peers.ports[1]) as w:
        for pid in (3 << 24 | 5, 127 << 24 | 5, 5, -1):
            cancel_at(peers.ports[2], w, pid=pid)
        starts_slow(world, w)
        cancel_at(peers.ports[2], w, secret=w.secret + b'\x01')  # marked: not sent on
        assert w.is_silent(0.3)
        cancel_at(peers.ports[1], w, secret=w.secret + b'\x01')  # as a peer would send it
        assert w.result().sqlstate == '57014'
        peers.headgates[0].stop()
        cancel_at(peers.ports[2], w)
        peers.headgates[0] = Headgate(world.binary, world.path('instance1.yaml'), peers.ports[1], {'HG_TEST_PASSWORD': PASSWORD}).start()
    with Peers(world, wrong=True) as peers, log_in(peers.ports[1]) as w:
        cancel_at(peers.ports[2], w, pid=3 << 24 | 7)
        assert log_in(peers.ports[2]).simple(QUICK).rows == [('1000',)]


def test_a_driver_behind_a_balancer(world):
    """psycopg's cancel() opens a connection of its own, and the balancer sends that to whichever instance is next."""
    with Peers(world) as peers, Balancer(peers.ports.values()) as balancer:
        for i in range(4):
            with psycopg.connect(host='127.0.0.1', port=balancer.port, user='alice', password=PASSWORD, dbname=DATABASE, sslmode='disable') as connection:

                def cancel_later():
                    world.until(lambda: world.running(SLOWLY))
                    connection.cancel()

                for _ in range(i % 2):
                    socket.create_connection(('127.0.0.1', balancer.port)).close()
                timer = threading.Thread(target=cancel_later)
                timer.start()
                try:
                    connection.execute(SLOW)
                    raise AssertionError('it was not cancelled')
                except psycopg.errors.QueryCanceled:
                    pass
                timer.join()
                connection.rollback()
