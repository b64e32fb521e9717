"""The world of the session tests, with limits in its policy: alice, carol (analysts), wendy (writer) and clem are acme's, bob is globex's."""
import importlib.util
import os
import re
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SESSION = os.path.join(os.path.dirname(HERE), 'session', 'world.py')
spec = importlib.util.spec_from_file_location('session_world', SESSION)
session_world = importlib.util.module_from_spec(spec)
spec.loader.exec_module(session_world)

# A statement that takes as long as it says, and no processor: SELECT done FROM naps WHERE ms = 100.
session_world.SCHEMA += 'CREATE TABLE public.naps (ms integer, done text);'
session_world.PHYSICAL += 'CREATE VIEW public.naps AS SELECT ms, pg_sleep(ms / 1000.0)::text AS done FROM generate_series(10, 30000, 10) ms;'
session_world.POLICY = session_world.POLICY.replace('tables:\n', 'tables:\n  public.naps: {{backends: [aurora], shared: true}}\n')
PASSWORD, DATABASE, USERS, ROLES = (getattr(session_world, name) for name in ('PASSWORD', 'DATABASE', 'USERS', 'ROLES'))


def in_braces(limits):
    return '{%s}' % ', '.join('%s: %s' % item for item in limits.items())


class World(session_world.World):
    def write_policy(self, top={}, acme={}, globex={}, analyst={}, **users):
        """The limits at the top, of tenants, of a role, of users."""
        text = session_world.POLICY.format(database=DATABASE, columns=', limits: ' + in_braces(analyst) if analyst else '')
        for tenant, limits in (('acme', acme), ('globex', globex)):
            if limits:
                text = text.replace('%s: {value: %s}' % (tenant, tenant), '%s: {value: %s, limits: %s}' % (tenant, tenant, in_braces(limits)))
        if top:
            text = text.replace('\nroles:', '\nlimits: %s\nroles:' % in_braces(top))
        for user, tenant in USERS.items():
            text += '  %s: {tenant: %s, role: %s, password: "%s"%s}\n' % (
                user, tenant, ROLES.get(user, 'analyst'), self.verifiers[user], ', limits: ' + in_braces(users[user]) if user in users else '')
        self.write('policy.yaml', text)

    def write_config(self, **config):
        super().write_config(**config)
        self.http = session_world.free_port()
        with open(self.path('headgate.yaml'), 'a', encoding='utf8') as file:
            file.write('http: 127.0.0.1:%d\n' % self.http)

    def refusals(self):
        """How often each limit was exceeded, by /metrics."""
        with urllib.request.urlopen('http://127.0.0.1:%d/metrics' % self.http) as page:
            lines = re.findall(r'headgate_limit_refusals_total\{limit="(\w+)"\} (\d+)', page.read().decode())
        return {name: int(number) for name, number in lines}

    def limit(self, **limits):
        """From now on these are the limits, and no others."""
        self.write_policy(**limits)
        self.reload()
