"""Why statements are refused that a private database would run: (SQLSTATE, pattern of the message, reason). The first that
matches counts, so that narrower patterns stand first."""

REASONS = [
    # settings and the session
    ('0A000', r'^client_encoding = ', 'Texts are read, checked and cut as UTF-8 only; another encoding would be another reading of the same bytes.'),
    ('0A000', r'^standard_conforming_strings = ', 'It changes where a literal ends: what is checked and what is run must not be two readings of a text.'),
    ('42501', r'^client_min_messages = ', 'Messages of that level would show what is really sent.'),
    ('42501', r'^permission denied to set parameter', 'A setting of the servers that all tenants share, or one that changes how texts are read.'),
    ('0A000', r'^custom parameter', 'Settings of that form are how server connections are told whom they work for.'),
    ('0A000', r'^row_security = ', 'The second wall is not the client\'s to take down.'),
    ('0A000', r'^changing parameter … by name', 'Transactions are Headgate\'s to keep: SET TRANSACTION, which says the same, is understood.'),
    # functions and types
    ('42501', r'^permission denied for function', 'Not in the list of functions: it tells of, or reaches, more than the arguments that it is given.'),
    ('0A000', r'^function … and table … in one statement', 'It asks the catalog database, where the schema is; the rows are elsewhere. Two statements do.'),
    ('0A000', r'^system relation … and table … in one statement', 'System relations are read in the catalog database, rows where they are. Two statements do.'),
    ('0A000', r'^type … and table … in one statement', 'Its values are names and numbers of the schema, which only the catalog database has.'),
    ('0A000', r'^the text search configuration of … and table … in one statement', 'A qualified name is looked up in the catalog database; the names of PostgreSQL\'s own configurations work.'),
    ('0A000', r'^has_database_privilege of a computed database', 'Other databases of the server must not be found by asking for them; a literal name can be checked beforehand.'),
    ('42883', r'^function … does not exist', 'Functions of the operator\'s own, and columns written as functions, are not known to be harmless: only those of the list are.'),
    ('0A000', r'^parameter \$… cannot be declared as type', 'Its values are names and numbers of the schema, which only the catalog database has.'),
    ('42501', r'^permission denied for relation', 'This system relation tells of the server, or of sessions, of others.'),
    ('42P01', r'^relation … does not exist', 'Sequences are shared by all tenants and tell how much others write; they are no part of the logical schema. (COPY of a schema that does not exist is told in these words, too.)'),
    # tables
    ('0A000', r'^system column', 'Places, transaction numbers and numbers of tables are those of the shared table.'),
    ('0A000', r'^the row type of table', 'The row type of the shared table has the tenant column, and perhaps others.'),
    ('0A000', r'^TABLESAMPLE', 'What REPEATABLE repeats depends on where rows of others lie.'),
    ('0A000', r'^no backend holds all tables', 'A statement runs in one database; these tables are in two.'),
    ('0A000', r'^this transaction runs on', 'A transaction runs in one database; this table is in another.'),
    # writing
    ('0A000', r'^the columns of a whole row that was returned', 'The row of the shared table is returned as a record, which has no names for its fields.'),
    ('42501', r'takes only the value of your own tenant', 'Rows are the tenant\'s, and stay so. A private database has a check of its own that says this.'),
    ('42501', r'^permission denied for column', 'Of a masked column the role sees another value than there is, and writing it would put the mask there; a duplicate in a column of a unique key without the tenant column would tell of rows of others, and a foreign key without it would find them.'),
    ('0A000', r'^ON CONFLICT', 'The key does not contain the tenant column: whether there is a conflict would tell of rows of others, or touch them.'),
    ('0A000', r'^an expression in the target of ON CONFLICT', 'Keys are known by their columns; which key an expression means is not looked for.'),
    ('23505', r'^duplicate key', 'The key does not contain the tenant column, so that a row of somebody else is in the way: no rewriting hides that. `headgate check` warns of such keys.'),
    ('0A000', r'^WHERE CURRENT OF', 'The row that a cursor stands on has no predicate that could be proved.'),
    ('0A000', r'^MERGE', 'Not done so far: INSERT … ON CONFLICT, UPDATE and DELETE do what it does.'),
    ('0A000', r'^COPY FROM with WHERE', 'Its condition would be evaluated on values before they are known to be the tenant\'s.'),
    ('0A000', r'^cannot use subquery in EXECUTE', 'PostgreSQL\'s own refusal, also where it would not look because the statement has no parameter.'),
    # what a role may do
    ('42501', r'^permission denied for table', 'The table is shared or computed, or not in the list of what the role reads or writes.'),
    ('42501', r'^permission denied for EXPLAIN', 'It shows the names of shared tables; the policy allows it by role.'),
    ('42501', r'^permission denied for (COPY|PREPARE|SELECT FOR|INSERT|UPDATE|DELETE)', 'The policy does not grant the role this kind of statement.'),
    # EXPLAIN
    ('0A000', r'^EXPLAIN \(ANALYZE\)', 'What it counts and how long it takes depends on rows of others in the same tables and pages.'),
    ('0A000', r'^EXPLAIN \((BUFFERS|SETTINGS|WAL)\)', 'It tells of the shared server: of its memory, its settings, its log.'),
    ('0A000', r'^EXPLAIN (CREATE|DECLARE|EXECUTE)', 'The statement inside is not run here, or is kept elsewhere; its query can be explained.'),
    ('0A000', r'^EXPLAIN of system relation', 'A plan over what takes the place of this relation would be nobody\'s plan.'),
    # kinds of statements
    ('0A000', r'^(CREATE TABLE|SELECT INTO)', 'The schema is the operator\'s; a table of the session\'s own, a temporary one, would need a server connection of its own.'),
    ('0A000', r'^CREATE (FUNCTION|PROCEDURE|AGGREGATE|OPERATOR|TRIGGER|RULE|DOMAIN|TYPE|COLLATION)', 'What it creates runs code, or gives names another meaning, for all tenants.'),
    ('0A000', r'^(CREATE|ALTER|DROP) (ROLE|DATABASE|SYSTEM|OWNED|DEFAULT PRIVILEGES)', 'Roles, databases and settings of the server are the operator\'s; a tenant\'s users are in the policy.'),
    ('0A000', r'^(GRANT|REVOKE)', 'Who may do what is in the policy.'),
    ('0A000', r'^(CREATE|ALTER) (PUBLICATION|SUBSCRIPTION|SERVER|EXTENSION)|^(IMPORT FOREIGN SCHEMA|LOAD)', 'A road out of the database, or into the server.'),
    ('0A000', r'^(CREATE|ALTER|DROP|COMMENT|SECURITY LABEL|REFRESH)', 'The schema is the operator\'s, and the same for all tenants.'),
    ('0A000', r'^(DO|CALL) ', 'It runs code that is not read here, as the service account.'),
    ('0A000', r'^(LISTEN|NOTIFY) ', 'Channels belong to the whole database: one would hear the others.'),
    ('0A000', r'^LOCK TABLE', 'It would lock the rows of all tenants; SELECT … FOR UPDATE locks own ones.'),
    ('0A000', r'^TRUNCATE', 'It would remove the rows of all tenants; DELETE removes own ones.'),
    ('0A000', r'^(VACUUM|ANALYZE|CLUSTER|REINDEX|CHECKPOINT)', 'It works on the rows of all tenants, and takes the time and the locks for it.'),
    ('0A000', r'^(PREPARE TRANSACTION|COMMIT PREPARED|ROLLBACK PREPARED)', 'Prepared transactions outlive the session and have names that all tenants share.'),
    ('0A000', r'^SET CONSTRAINTS', 'Not done so far: it names constraints of shared tables.'),
]
