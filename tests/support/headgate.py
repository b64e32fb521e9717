"""Starting and stopping a Headgate for tests: a process on loopback, its log kept, ended by its own pid; and the directory
with its files."""
import os
import shutil
import socket
import subprocess
import tempfile
import time

from cluster import free_port  # noqa: F401  (offered to the tests beside Headgate)


def verifier(binary, password):
    """The SCRAM verifier of a password, made by the program itself."""
    out = subprocess.run([binary, 'password'], input=password + '\n', capture_output=True, text=True, check=True).stdout
    return out.strip().split('\n')[-1]


class Place:
    """What every world (a suite's servers, with a Headgate before them) has: a directory, in which others may look about, and an
    end if it could not be made. A world says in make() how it comes to be, and in __exit__() what is undone, whatever of it is
    there, with remove() as the last."""
    def __init__(self, name):
        self.directory = tempfile.mkdtemp(prefix='headgate-%s-' % name)
        os.chmod(self.directory, 0o755)

    def __enter__(self):
        try:
            self.make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        """Returns the file's path."""
        with open(self.path(name), 'w', encoding='utf8') as file:
            file.write(text)
        return self.path(name)

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)


class Headgate:
    def __init__(self, binary, config, port, environment=None):
        self.binary, self.config, self.port = os.path.abspath(binary), config, port
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.log = tempfile.NamedTemporaryFile('w+', prefix='headgate-log-', suffix='.txt', delete=False)

    def catalog(self):
        done = subprocess.run([self.binary, 'catalog', '-c', self.config], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError('headgate catalog failed: ' + done.stdout + done.stderr)
        return done.stdout

    def start(self, seconds=60):
        self.process = subprocess.Popen([self.binary, 'serve', '-c', self.config], env=self.environment, stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError('headgate ended at once: ' + self.output())
            try:
                socket.create_connection(('127.0.0.1', self.port), timeout=5).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError('headgate does not listen: ' + self.output())

    def output(self):
        with open(self.log.name, encoding='utf8', errors='replace') as f:
            return f.read()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=60):
        """Ends it; the exit status, or None when it was not running. A sanitizer's report makes it non-zero."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        status = self.process.returncode
        if status != 0:
            print('headgate ended with status %s; the end of its log:' % status)
            print(self.output()[-4000:])
        os.unlink(self.log.name)
        self.process = None
        return status
