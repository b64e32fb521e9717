"""Why statements are refused that a private database would run: (SQLSTATE, pattern of the message, reason). The first that
matches counts, so that narrower patterns stand first."""

REASONS = [
    # settings and the session
    ('0A000', r'^client_encoding = ', 'Texts are read, checked and cut as UTF-8 only; another encoding would be another reading of the same bytes.'),
    ('0A000', r'^standard_conforming_strings = ', 'It changes where a literal ends: what is checked and what is run must not be two readings of a text.'),
    # functions and types
    ('42501', r'^permission denied for function', 'Not in the list of functions: it tells of, or reaches, more than the arguments that it is given.'),
    ('0A000', r'^function … and table … in one statement', 'It asks the catalog database, where the schema is; the rows are elsewhere. Two statements do.'),
    ('0A000', r'^system relation … and table … in one statement', 'System relations are read in the catalog database, rows where they are. Two statements do.'),
    ('0A000', r'^type … and table … in one statement', 'Its values are names and numbers of the schema, which only the catalog database has.'),
    ('0A000', r'^the text search configuration of … and table … in one statement', 'A qualified name is looked up in the catalog database; the names of PostgreSQL\'s own configurations work.'),
    ('0A000', r'^has_database_privilege of a computed database', 'Other databases of the server must not be found by asking for them; a literal name can be checked beforehand.'),
    # tables
    ('0A000', r'^system column', 'Places, transaction numbers and numbers of tables are those of the shared table.'),
    ('0A000', r'^the row type of table', 'The row type of the shared table has the tenant column, and perhaps others.'),
    # what a role may do
    ('42501', r'^permission denied for (COPY|PREPARE|SELECT FOR|INSERT|UPDATE|DELETE)', 'The policy does not grant the role this kind of statement.'),
    # EXPLAIN
    ('0A000', r'^EXPLAIN \(ANALYZE\)', 'What it counts and how long it takes depends on rows of others in the same tables and pages.'),
    ('0A000', r'^EXPLAIN of system relation', 'A plan over what takes the place of this relation would be nobody\'s plan.'),
    # kinds of statements
    ('0A000', r'^CREATE TABLE', 'The schema is the operator\'s; a table of the session\'s own, a temporary one, would need a server connection of its own.'),
    ('0A000', r'^DO ', 'It runs code that is not read here, as the service account.'),
    ('0A000', r'^(LISTEN|NOTIFY|UNLISTEN) ', 'Channels belong to the whole database: one would hear the others.'),
    ('0A000', r'^FOR UPDATE', 'Rows are locked in tables that the role may write to.'),
]
