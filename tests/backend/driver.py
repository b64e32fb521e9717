"""What the tests of the backend floor share: a running pool_driver."""
import math
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from checks import check  # noqa: E402,F401  (offered to the tests)

path = None  # of pool_driver


def eventually(what, seconds=40):
    """Does it come to be? A machine under load may take its time."""
    end = time.monotonic() + seconds
    while not (there := what()) and time.monotonic() < end:
        time.sleep(0.02)
    return bool(there)


def naps(cluster):
    """Does a pg_sleep() run there?"""
    return cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'") != "0"


def backs_off(driver, began):
    """Attempts to connect become rare: about one more each time that what has passed since doubles, of each of two servers."""
    passed_by, attempts = time.monotonic() - began, driver.stats()["failed"]
    check(attempts <= 2 * (2 + math.log2(1 + passed_by / 0.1)) + passed_by, f"{attempts} attempts in {passed_by:.1f} s")


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Driver:
    """A running pool_driver: send commands, expect answers."""

    def __init__(self, port, workers=1, dialect="postgresql", host="127.0.0.1", database="postgres", user="postgres",
                 password="postgres", tls="disable", ca="", size=2, connect_ms=5000, queue_ms=5000, idle_ms=0,
                 name="aurora", more=(), sanitizer=""):
        """`sanitizer`: options of AddressSanitizer's."""
        arguments = [workers, name, dialect, host, port, database, user, password, tls, ca, size, connect_ms, queue_ms,
                     idle_ms, *more]
        self.stderr = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([path, *map(str, arguments)], stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=self.stderr,
                                        env=dict(os.environ, **({"ASAN_OPTIONS": sanitizer} if sanitizer else {})))
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def tell(self, *commands):
        for command in commands:
            self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def next(self, seconds=60):
        try:
            return self.lines.get(timeout=seconds)
        except queue.Empty:
            return "(silence)"

    def ask(self, command, seconds=60):
        self.tell(command)
        return self.next(seconds)

    def stats(self):
        names = ("lent", "idle", "connecting", "waiting", "opened", "failed")
        return dict(zip(names, map(int, self.ask("stats").split()[1:])))

    def until(self, seconds=40, **wanted):
        """Waits until the stats are as wanted; true when they came to be."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            stats = self.stats()
            if all(stats[key] == value for key, value in wanted.items()):
                return True
            time.sleep(0.02)
        print("stats are", stats, "wanted", wanted)
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "hung"
        self.stderr.seek(0)
        self.log = self.stderr.read()
        check(status == 0, f"the driver ended with {status}:\n{self.log[-3000:]}")
        check("Sanitizer" not in self.log, self.log[-3000:])
