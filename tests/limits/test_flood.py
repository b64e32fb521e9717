"""One tenant floods a backend while another measures its latency; and who floods is not let in for more than its share."""
import statistics
import threading
import time

FLOODERS, STATEMENT = 50, 0.1  # connections; seconds that one statement of them takes


def measure(world, seconds):
    """Latencies, in ms, of one client's small statements."""
    latencies, until = [], time.monotonic() + seconds
    with world.connect('bob') as w:
        w.simple('SELECT count(*) FROM channels')
        while time.monotonic() < until:
            began = time.monotonic()
            result = w.simple('SELECT count(*) FROM channels')
            latencies.append((time.monotonic() - began) * 1000)
            assert result.rows == [('2',)], result
    latencies.sort()
    return statistics.median(latencies), latencies[min(len(latencies) - 1, int(len(latencies) * 0.99))], len(latencies)


class Flood:
    def __init__(self, world):
        self.world, self.on, self.latencies, self.errors = world, True, [], []
        self.threads = [threading.Thread(target=self.run) for _ in range(FLOODERS)]

    def run(self):
        with self.world.connect() as w:
            while self.on:
                began = time.monotonic()
                result = w.simple('SELECT done FROM naps WHERE ms = %d' % (STATEMENT * 1000))
                if result.error:
                    self.errors.append(result.error)
                else:
                    self.latencies.append((time.monotonic() - began) * 1000)

    def median(self):
        return statistics.median(self.latencies)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self.on = False
        for thread in self.threads:
            thread.join()


def compare(world, what):
    quiet = measure(world, 2)
    with Flood(world) as flood:
        loud = measure(world, 8)
    print('     %s: alone median %.1f ms, p99 %.1f ms (%d statements); beside %d connections of another tenant median %.1f ms, p99 %.1f ms (%d); the other had %d served, median %.1f ms, %d refused'
          % (what, quiet[0], quiet[1], quiet[2], FLOODERS, loud[0], loud[1], loud[2], len(flood.latencies), flood.median(), len(flood.errors)), flush=True)
    return quiet, loud, flood


def test_fair_queue(world):
    """Without limits: the pool of five is full all the time, its queue 45 long; yet who has few waits for one statement at most, where
    those of the flood wait for nine others."""
    _, loud, flood = compare(world, 'pool of 5')
    assert len(flood.latencies) > FLOODERS and not flood.errors, (len(flood.latencies), flood.errors[:1])
    assert loud[0] < flood.median() / 4 and loud[1] < flood.median() / 2, (loud, flood.median())


def test_concurrent(world):
    """With a share of four of five for each, one server is always free: nobody else notices."""
    world.limit(top={'concurrent': 4})
    for _ in range(3):  # what else the machine does may be noticed, but not each time
        quiet, loud, flood = compare(world, 'concurrent: 4')
        assert len(flood.latencies) > FLOODERS
        if loud[0] < max(20, quiet[0] * 4):
            return
    raise AssertionError((quiet, loud))


test_fair_queue.config = test_concurrent.config = dict(pool=5, catalog_pool=8)
