"""The world of the session tests with monitoring on, and readers of what it shows."""
import http.client
import json
import os
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, 'support'), os.path.join(TESTS, 'session')]
import world as session_world  # noqa: E402
from headgate import free_port  # noqa: E402
from world import PASSWORD  # noqa: E402,F401  (offered to the tests)

from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

LOG = 'format: json, statement_id_in_errors: own'


class World(session_world.World):
    """metrics(), get(path), logged(), audited(); run with what `seeing` adds to headgate.yaml."""

    def __init__(self, binary):
        self.http_port = free_port()
        self.log_keys, self.audit_keys, self.more = LOG, '', ''
        super().__init__(binary)

    def write_config(self, **config):
        super().write_config(**config)
        with open(self.path('headgate.yaml'), 'a', encoding='utf8') as file:
            file.write('http: 127.0.0.1:%d\nlog: {%s}\n%s' % (self.http_port, self.log_keys, self.more))
            if self.audit_keys:
                file.write('audit: {%s}\n' % self.audit_keys)

    def see(self, log=LOG, audit='', more='', **config):
        """Restarts it with these keys."""
        self.stop()
        self.log_keys, self.audit_keys, self.more = log, audit, more
        self.write_config(**config)
        self.start()

    def stop(self):
        """Ends it in good order; what it logged."""
        if self.headgate.process is None:
            return ''
        log = self.headgate.log.name
        with open(log, encoding='utf8') as file:
            status = self.headgate.stop()
            text = file.read()
        assert status == 0, 'it ended with %s' % status
        return text

    def start(self):
        super().start()

        def answers():
            try:
                return self.get('/healthz')[0]
            except OSError:
                return None
        if 'http:' in open(self.path('headgate.yaml'), encoding='utf8').read():
            self.until(answers)

    def get(self, path, method='GET', timeout=40):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection('127.0.0.1', self.http_port, timeout=timeout)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode('utf8')
        finally:
            connection.close()

    def metrics(self):
        return Metrics(self.get('/metrics')[2])

    def logged(self, event=None):
        """The JSON lines of the log."""
        lines = [json.loads(line) for line in self.headgate.output().split('\n') if line.startswith('{')]
        return [line for line in lines if event is None or line['event'] == event]

    def audited(self, name='audit.log', event='statement'):
        with open(self.path(name), encoding='utf8') as file:
            lines = [json.loads(line) for line in file if line.endswith('\n')]  # the last may be on its way
        return [line for line in lines if event is None or line['event'] == event]

    def audited_until(self, enough, name='audit.log', seconds=40):
        """The lines, once enough(lines)."""
        self.until(lambda: os.path.exists(self.path(name)) and enough(self.audited(name)), seconds)
        return self.audited(name)

    def verify(self, *names, key=None, last=None):
        """(is it sound, what is said)"""
        command = [self.binary, 'audit', 'verify']
        command += ['--key-file', self.path(key)] if key else []
        command += ['--last', last] if last else []
        done = subprocess.run(command + [self.path(name) for name in names], capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode == 0, done.stdout + done.stderr


class Metrics:
    def __init__(self, text):
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = {}
        for family in self.families.values():
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in self.samples, 'twice: %s' % (key,)
                self.samples[key] = sample.value

    def __call__(self, name, **labels):
        return self.samples.get(('headgate_' + name, tuple(sorted(labels.items()))), 0)
