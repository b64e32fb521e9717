"""A certificate authority for tests: certificates of every kind, good and bad, by the openssl program.

    ca = Authority(directory, 'clients')
    ca.issue('ann', '/CN=ann')                 # directory/ann.crt, ann.key
    ca.issue('late', '/CN=ann', expired=True)
    ca.revoke('ann')                           # directory/clients.crl says so
"""
import os
import subprocess

CONFIG = """[ca]
default_ca = this
[this]
database = {dir}/{name}.index
serial = {dir}/{name}.serial
crlnumber = {dir}/{name}.crlnumber
new_certs_dir = {dir}
certificate = {dir}/{name}.crt
private_key = {dir}/{name}.key
default_md = sha256
default_days = 29
default_crl_days = 29
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
commonName = optional
[extensions]
{extensions}
"""


def openssl(*arguments):
    done = subprocess.run(['openssl', *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError('openssl %s: %s' % (' '.join(arguments), done.stderr))


def make_key(path):
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-out', path)
    os.chmod(path, 0o600)


class Authority:
    def __init__(self, directory, name):
        self.directory, self.name = directory, name
        self.certificate, self.revoked = self.path(name + '.crt'), self.path(name + '.crl')
        make_key(self.path(name + '.key'))
        openssl('req', '-x509', '-new', '-key', self.path(name + '.key'), '-days', '29', '-subj', '/CN=' + name, '-out', self.certificate)
        for suffix, text in (('index', ''), ('serial', '1000\n'), ('crlnumber', '01\n')):
            with open(self.path('%s.%s' % (name, suffix)), 'w', encoding='ascii') as file:
                file.write(text)
        self.list_revoked()

    def path(self, name):
        return os.path.join(self.directory, name)

    def run(self, *arguments, extensions='basicConstraints = CA:FALSE'):
        with open(self.path(self.name + '.cnf'), 'w', encoding='utf8') as file:
            file.write(CONFIG.format(dir=self.directory, name=self.name, extensions=extensions))
        openssl('ca', '-config', self.path(self.name + '.cnf'), '-batch', *arguments)

    def issue(self, file, subject, alternative=None, usage='clientAuth', expired=False):
        """Paths of a certificate and its key. alternative: for example DNS:bi.acme.example,URI:spiffe://acme/bi"""
        key, request, certificate = self.path(file + '.key'), self.path(file + '.csr'), self.path(file + '.crt')
        make_key(key)
        openssl('req', '-new', '-utf8', '-key', key, '-subj', subject, '-out', request)
        extensions = 'basicConstraints = CA:FALSE\nextendedKeyUsage = %s\n' % usage + ('subjectAltName = %s\n' % alternative if alternative else '')
        dates = ('-startdate', '20200101000000Z', '-enddate', '20200201000000Z') if expired else ()
        self.run('-notext', '-in', request, '-out', certificate, '-extensions', 'extensions', *dates, extensions=extensions)
        return certificate, key

    def revoke(self, file):
        self.run('-revoke', self.path(file + '.crt'))
        self.list_revoked()

    def list_revoked(self):
        self.run('-gencrl', '-out', self.revoked)
