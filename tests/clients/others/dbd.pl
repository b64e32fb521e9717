#!/usr/bin/perl
# DBD::Pg: placeholders of three kinds, prepared on the server, column info, type info, quoting.
use strict;
use warnings;
use DBI;
use DBD::Pg qw(:pg_types);

$| = 1;
binmode STDOUT, ':utf8';
my $dbh;

sub show { print join('|', map { !defined $_ ? 'NULL' : ref $_ eq 'ARRAY' ? '{' . join(',', map { $_ // 'NULL' } @$_) . '}' : $_ } @_), "\n" }

sub ask {
    my ($sql, @values) = @_;
    my $sth = $dbh->prepare($sql);
    $sth->execute(@values);
    if ($sth->{NUM_OF_FIELDS}) {
        while (my @row = $sth->fetchrow_array) { show(@row) }
        print '(', $sth->rows, ")\n";
    }
    return $sth;
}

sub attempt {
    my @arguments = @_;
    eval { ask(@arguments); 1 } or print 'error ', $dbh->state || '', ': ', $dbh->errstr || $@, "\n";
}

sub step {
    my ($name, $body, $refused) = @_;
    print "== $name", $refused ? " !$refused" : '', "\n";
    $dbh = DBI->connect('dbi:Pg:', undef, $ENV{PGPASSWORD}, { RaiseError => 1, PrintError => 0, AutoCommit => 1, pg_enable_utf8 => 1 });
    eval { $body->(); 1 } or print 'error ', $dbh->state || '', ': ', $dbh->errstr || $@, "\n";
    eval { $dbh->disconnect };
}

step 'connection', sub {
    show($dbh->ping, $dbh->pg_ping, $dbh->{pg_user}, $dbh->{pg_db}, $dbh->{pg_protocol}, $dbh->{pg_standard_conforming_strings}, $dbh->{pg_default_port}, $dbh->get_info(17), $dbh->get_info(29));
    show($dbh->quote("it's \\"), $dbh->quote_identifier('Mixed Case'), $dbh->quote("\x00\xff", { pg_type => PG_BYTEA }));
};
step 'types of every table', sub {
    for my $table ('channels', 'campaigns', 'contacts', 'messages', 'events', 'audit', '"Mixed Case"', 'crm.contacts', 'materialized.daily_metrics') {
        ask("SELECT * FROM $table ORDER BY 1, 2 LIMIT 4");
    }
};
step 'what a statement says of its columns', sub {
    my $sth = ask('SELECT id, name, budget, starts_on, tags, settings FROM campaigns WHERE false');
    show(@{ $sth->{NAME} });
    show(@{ $sth->{TYPE} });
    show(@{ $sth->{PRECISION} });
    show(@{ $sth->{SCALE} });
    show(@{ $sth->{pg_type} });
};
step 'placeholders', sub {
    ask('SELECT id, name FROM campaigns WHERE id = ? AND name LIKE ?', 5500001, 'ACME%');
    ask('SELECT id FROM campaigns WHERE id = $1 OR id = $2 ORDER BY id', 5500001, 5500002);
    ask('SELECT id FROM campaigns WHERE id = ANY(?) ORDER BY id', [5500001, 5500002, 7700001]);
    ask('SELECT ?::text, ?::int, ?::bool, ?::text[]', "it's \\", 5, undef, ['a', 'b,c']);
    my $sth = $dbh->prepare('SELECT :a::int + :b::int');
    $sth->bind_param(':a', 1);
    $sth->bind_param(':b', 2);
    $sth->execute;
    show($sth->fetchrow_array);
    attempt('SELECT id FROM campaigns WHERE id = ?', 'x');
    attempt('SELECT 1 / ?::int', 0);
};
step 'prepared on the server, again and again', sub {
    my $sth = $dbh->prepare('SELECT id FROM campaigns WHERE id >= ? ORDER BY id LIMIT 1');
    for (1 .. 5) { $sth->execute(5500000 + $_); show($sth->fetchrow_array) }
    undef $sth;
    ask('SELECT count(*) FROM campaigns');
    for my $now (0, 1) {
        my $s = $dbh->prepare('SELECT ?::int', { pg_prepare_now => $now, pg_server_prepare => $now });
        $s->execute(3);
        show($s->fetchrow_array);
    }
};
step 'tables', sub {
    my $sth = $dbh->table_info('', 'public', '%', 'TABLE');
    while (my $row = $sth->fetchrow_hashref) { show($row->{TABLE_SCHEM}, $row->{TABLE_NAME}, $row->{TABLE_TYPE}, $row->{REMARKS}) }
    show(sort $dbh->tables('', 'crm', '%', 'TABLE'));
};
step 'columns and keys', sub {
    my $sth;
    for my $table ('campaigns', 'messages', 'contacts') {
        $sth = $dbh->column_info('', 'public', $table, '%');
        while (my $row = $sth->fetchrow_hashref) { show(@$row{qw(COLUMN_NAME DATA_TYPE TYPE_NAME COLUMN_SIZE NULLABLE COLUMN_DEF ORDINAL_POSITION pg_type pg_constraint)}) }
    }
    $sth = $dbh->foreign_key_info(undef, 'public', 'campaigns', undef, undef, undef);
    print defined $sth ? "keys\n" : "no keys\n";
    $sth = $dbh->statistics_info(undef, 'public', 'campaigns', 0, 1);
    while ($sth and my $row = $sth->fetchrow_hashref) { show(@$row{qw(TABLE_NAME NON_UNIQUE INDEX_NAME TYPE ORDINAL_POSITION COLUMN_NAME)}) }
};
step 'transactions', sub {
    $dbh->begin_work;
    ask('SELECT count(*) FROM campaigns');
    $dbh->pg_savepoint('a');
    attempt('SELECT 1/0');
    attempt('SELECT 1');
    $dbh->pg_rollback_to('a');
    ask('SELECT count(*) FROM contacts');
    $dbh->pg_release('a');
    $dbh->commit;
    $dbh->{AutoCommit} = 0;
    ask('SELECT 1');
    $dbh->rollback;
};
step 'asynchronous and cancelled', sub {
    my $sth = $dbh->prepare('SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f', { pg_async => PG_ASYNC });
    $sth->execute;
    select undef, undef, undef, 1;
    show($dbh->pg_ready ? 'ready' : 'not ready', $dbh->pg_cancel ? 'cancelled' : 'not cancelled');
    ask('SELECT count(*) FROM messages');
};
step 'pg_getcopydata', sub {
    my $row;
    $dbh->do('COPY (SELECT id, name FROM campaigns ORDER BY id) TO STDOUT');
    print $row while $dbh->pg_getcopydata($row) >= 0;
};
step 'pg_putcopydata', sub { $dbh->do('COPY channels FROM STDIN') }, '42501';
step 'pg_notifies', sub { $dbh->do('LISTEN x') }, '0A000';
step 'do with an insert', sub { $dbh->do('DELETE FROM channels WHERE name = ?', undef, 'nothing') }, '42501';
