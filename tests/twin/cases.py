"""The case files: statements with options, as run.py's docstring tells. `load` reads them all."""
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
SEVERAL = ('data', 'threat')  # options that may stand more than once: lists
OVERRIDES = {'error', 'allowed'}  # take the place of a file's `refused`
WRITES = re.compile(r'\b(insert|update|delete|merge|truncate|copy|execute|nextval|setval|create|drop|alter|lock|call|do|lo_\w+)\b', re.I)


class Case:
    def __init__(self, file, line, sql, note, options):
        self.file, self.line, self.sql, self.note, self.options = os.path.basename(file), line, sql, note, options
        self.statements = [part.strip() for part in re.split(r'\\;[ \t]*\n', sql)]
        self.sql = ';\n'.join(self.statements)

    def __str__(self):
        return '%s:%d' % (self.file, self.line)

    def users(self, default):
        return self.options.get('user', default).split(',')

    def parameters(self):
        """(values, types) of the extended runs."""
        values = [None if p == '\\N' else p for p in self.options['params'].split('|')] if 'params' in self.options else []
        return values, [int(o) for o in self.options['types'].split(',')] if 'types' in self.options else []

    def writes(self):
        """May it change rows? Then the tables are looked at afterwards."""
        return WRITES.search(self.sql) is not None

    def expected(self, option):
        """The SQLSTATEs that an option gives."""
        return self.options[option].split() if option in self.options else []

    def data(self):
        """What is sent to each COPY FROM STDIN, in order: bytes."""
        blocks = [] if 'copyfail' in self.options else [[]]
        for line in self.options.get('data', []):
            if line == '--':
                blocks.append([])
            else:
                blocks[-1].append(line.replace('<TAB>', '\t') + '\n')
        return [''.join(block).encode('utf8') for block in blocks]

    def rounds(self, mode):
        """The statements that are sent together, before anything is waited for."""
        if mode == 'simple' and 'steps' not in self.options:
            return [self.statements]
        rounds = [[]]
        for statement in self.statements:
            rounds[-1].append(statement)
            if mode != 'extended' or 'steps' in self.options or copies_in(statement):
                rounds.append([])
        return [r for r in rounds if r]

    def ordered(self):
        """Is there an ORDER BY outside of all brackets?"""
        if 'unordered' in self.options:
            return False
        depth, flat = 0, []
        for char in re.sub(r"'(?:[^']|'')*'", "''", self.sql):
            depth += (char == '(') - (char == ')')
            if depth == 0:
                flat.append(char)
        return re.search(r'\border\s+by\b', ''.join(flat), re.I) is not None or 'ordered' in self.options


def copies_in(statement):
    return re.match(r'copy\b.*\bfrom\s+stdin\b', statement, re.I | re.S) is not None


class Reader:
    """The state between two lines of a file."""

    def __init__(self, file):
        self.file, self.cases, self.of_file = file, [], {}
        self.begin()

    def begin(self):
        self.note, self.options, self.sql, self.start = [], {}, [], 0

    def option(self, options, text):
        key, _, value = text.partition(' ')
        if key in SEVERAL:
            options.setdefault(key, []).extend(value.split() if key == 'threat' else [value])
        else:
            options[key] = value

    def comment(self, line):
        if line.startswith('-- @@ '):
            self.of_file.pop(line[6:].split()[0], None)  # the new value counts instead
            self.option(self.of_file, line[6:])
        elif line.startswith('-- @ '):
            self.option(self.options, line[5:])
        else:
            self.note.append(line[2:].strip())

    def line(self, number, line):
        if not self.sql and line.startswith('--'):
            self.comment(line)
        elif not self.sql and not line.strip():
            self.note = []
        else:
            self.start = self.start or number
            self.sql.append(line)
            if line.rstrip().endswith(';') and not line.rstrip().endswith('\\;'):
                options = dict({k: v for k, v in self.of_file.items() if not (k == 'refused' and OVERRIDES & set(self.options))}, **self.options)
                options['threat'] = self.of_file.get('threat', []) + self.options.get('threat', [])
                self.cases.append(Case(self.file, self.start, '\n'.join(self.sql).rstrip()[:-1], ' '.join(self.note), options))
                self.begin()


def load(pattern=None):
    cases = []
    for file in sorted(glob.glob(os.path.join(HERE, 'cases', '*.sql'))):
        reader = Reader(file)
        with open(file, encoding='utf8') as lines:
            for number, line in enumerate(lines, 1):
                reader.line(number, line.rstrip('\n'))
        if reader.sql:
            raise SystemExit('%s:%d: a statement without its end' % (file, reader.start))
        cases += reader.cases
    return [c for c in cases if not pattern or re.search(pattern, '%s %s' % (c, c.sql))]
