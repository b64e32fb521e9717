"""A crowd: thousands of clients that do nothing, and hundreds that ask without pause, over twenty server connections."""
import resource
import selectors
import time

import wire
from load import Wrong

READY = b'Z\0\0\0\5I'


class Busy:
    """One that asks again as soon as it was answered; for a loop over many."""

    def __init__(self, world, number):
        self.number, self.asked, self.text = number, 0, b''
        self.wire = world.connect('m%02d' % (number % 20), timeout=60)
        self.tenant = ('t%02d ' % (number % 20)).encode()
        self.wire.sock.setblocking(False)

    def ask(self):
        self.asked += 1
        self.nonce = b'n%d-%d' % (self.number, self.asked)
        self.text, self.since = b'', time.monotonic()
        self.wire.sock.send(wire.query("SELECT name, '%s' AS nonce FROM items WHERE id = %d" % (self.nonce.decode(), self.asked % 50 + 1)))

    def hear(self):
        """Seconds, once the whole answer is there."""
        data = self.wire.sock.recv(65536)
        if not data:
            raise Wrong('closed')
        self.text += data
        if not self.text.endswith(READY):
            return None
        if self.text[:1] != b'T' or self.nonce not in self.text or self.tenant not in self.text:
            raise Wrong('asked %s, answered %s' % (self.nonce, self.text[:200]))
        return time.monotonic() - self.since


def ask_without_pause(crowd, seconds):
    """Sorted times of all answers."""
    times, open_ones = [], len(crowd)
    with selectors.DefaultSelector() as selector:
        for one in crowd:
            selector.register(one.wire.sock, selectors.EVENT_READ, one)
            one.ask()
        end = time.monotonic() + seconds
        while open_ones:
            events = selector.select(60)
            assert events, '%d are not answered' % open_ones
            for key, _ in events:
                took = key.data.hear()
                if took is None:
                    continue
                times.append(took)
                if time.monotonic() < end:
                    key.data.ask()
                else:
                    selector.unregister(key.fileobj)
                    open_ones -= 1
    return sorted(times)


def say(what, times, seconds):
    print('     %s: %d answers a second, median %.1f ms, 99 %% %.1f ms, longest %.1f ms' %
          (what, len(times) / seconds, 1000 * times[len(times) // 2], 1000 * times[len(times) * 99 // 100], 1000 * times[-1]), flush=True)


def test_idle_and_busy(world):
    nidle, nbusy, seconds = (1000, 100, 2) if world.brief else (5000, 500, 10)
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed < nidle + nbusy + 1000:
        print('     fewer: this process may open %d files' % allowed)
        nidle = allowed - nbusy - 1000
    world.start(pool=20, limits='max_clients: %d' % (nidle + nbusy + 100))
    with world.connect('m00') as first:
        first.simple('SELECT count(*) FROM items')
    busy = [Busy(world, i) for i in range(nbusy)]
    times = ask_without_pause(busy, seconds)
    say('%d busy clients alone' % nbusy, times, seconds)
    before, descriptors, begun = world.resident(), world.descriptors(), time.monotonic()
    idle = [world.connect('m%02d' % (i % 20), timeout=60) for i in range(nidle)]
    print('     %d logins in %.1f s' % (nidle, time.monotonic() - begun))
    time.sleep(1)
    memory, used = world.resident() - before, world.processor()
    time.sleep(seconds)
    used = world.processor() - used
    print('     %d idle clients: %.1f kB of memory each, %.0f ms of computing in %d s, %d descriptors' %
          (nidle, memory / nidle, 1000 * used, seconds, world.descriptors() - descriptors))
    times = ask_without_pause(busy, seconds)
    say('%d busy clients beside them' % nbusy, times, seconds)
    assert used < 0.05 * seconds, 'idle, and it computes for %.2f s' % used
    assert memory / nidle < 64, 'an idle client costs %.1f kB' % (memory / nidle)
    for one in idle[::nidle // 20]:
        assert one.simple('SELECT count(*) FROM items').rows == [('50',)]
    assert world.metric('clients') == nidle + nbusy
    for one in idle:
        one.drop()
    for one in busy:
        one.wire.drop()
    world.until(lambda: world.metric('clients') == 0, 60, 'sessions of clients that are gone')
    assert world.descriptors() < descriptors
    print('     when all have gone: %d kB more than with the busy ones alone' % (world.resident() - before))
