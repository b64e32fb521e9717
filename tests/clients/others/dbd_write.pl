#!/usr/bin/perl
# DBD::Pg: every question about the schema with all that it answers; and, as a user who may write: COPY, RETURNING, batches, types.
use strict;
use warnings;
use DBI;
use DBD::Pg qw(:pg_types :async);

$| = 1;
binmode STDOUT, ':utf8';
my $dbh;

sub show { print join('|', map { !defined $_ ? 'NULL' : ref $_ eq 'ARRAY' ? '{' . join(',', map { $_ // 'NULL' } @$_) . '}' : $_ } @_), "\n" }
sub error { print 'error ', $dbh->state || '', ': ', $dbh->errstr || $@, "\n" }

sub ask {
    my ($sql, @values) = @_;
    my $sth = $dbh->prepare($sql);
    my $count = $sth->execute(@values);
    if ($sth->{NUM_OF_FIELDS}) {
        while (my @row = $sth->fetchrow_array) { show(@row) }
    }
    print "($count)\n";
}

sub attempt {
    my @arguments = @_;
    $dbh->pg_savepoint('own');
    eval { ask(@arguments); 1 } or do { error(); $dbh->pg_rollback_to('own') };
}

# In a transaction that is rolled back.
sub step {
    my ($name, $body) = @_;
    print "== $name\n";
    $dbh = DBI->connect('dbi:Pg:', undef, $ENV{PGPASSWORD}, { RaiseError => 1, PrintError => 0, AutoCommit => 0, pg_enable_utf8 => 1 });
    eval { $body->(); 1 } or error();
    eval { $dbh->rollback; $dbh->disconnect };
}

# Rows of a question about the schema: all columns but numbers of the database's objects.
sub answered {
    my ($sth) = @_;
    if (!$sth) { print "nothing\n"; return }
    my @wanted = grep { !/^pg_(?:oid|relid)|CARDINALITY|PAGES/i } @{ $sth->{NAME} };
    show(@wanted);
    while (my $row = $sth->fetchrow_hashref) { show(map { $row->{$_} } @wanted) }
}

step 'table_info, tables', sub {
    for my $arguments (['', 'public', '%', 'TABLE'], [undef, 'crm', '%', undef], ['', 'pg_catalog', 'pg_am%', undef], ['', '%', ''], ['%', '', ''], ['', '', '', '%'], ['', 'public', 'c%', 'TABLE,VIEW'], ['', 'public', 'nothing']) {
        answered($dbh->table_info(@$arguments));
    }
    show(sort $dbh->tables('', 'public', '%', 'TABLE'));
};
step 'column_info', sub {
    for my $table (['public', 'campaigns'], ['public', 'contacts'], ['public', 'messages'], ['crm', 'contacts'], ['materialized', 'daily_metrics'], ['public', 'Mixed Case'], ['shop', 'refunds'], ['public', 'nothing']) {
        answered($dbh->column_info('', @$table, '%'));
    }
    answered($dbh->column_info('', 'public', 'campaigns', 'n%'));
};
step 'primary_key_info, primary_key', sub {
    for my $table (['public', 'campaigns'], ['public', 'channels'], ['materialized', 'daily_metrics'], ['shop', 'refunds'], ['public', 'events']) {
        answered($dbh->primary_key_info('', @$table));
        show($dbh->primary_key('', @$table));
    }
};
step 'foreign_key_info', sub {
    answered($dbh->foreign_key_info(undef, 'shop', 'customers', undef, undef, undef));
    answered($dbh->foreign_key_info(undef, undef, undef, undef, 'shop', 'refunds'));
    answered($dbh->foreign_key_info(undef, 'shop', 'payments', undef, 'shop', 'refunds'));
    answered($dbh->foreign_key_info(undef, 'public', 'campaigns', undef, undef, undef));
};
step 'statistics_info', sub {
    for my $table (['public', 'campaigns'], ['public', 'channels'], ['shop', 'customers'], ['materialized', 'daily_metrics']) {
        answered($dbh->statistics_info(undef, @$table, 0, 1));
        answered($dbh->statistics_info(undef, @$table, 1, 1));
    }
};
step 'type_info, get_info', sub {
    show(map { $_->{TYPE_NAME} . ':' . $_->{DATA_TYPE} } $dbh->type_info(DBI::SQL_ALL_TYPES));
    show(map { $dbh->get_info($_) } 1, 2, 6, 13, 17, 23, 25, 26, 28, 29, 41, 46, 72, 94);
    show($dbh->ping, $dbh->pg_ping, $dbh->{pg_pid} > 0, $dbh->{pg_server_version} >= 150000, $dbh->{pg_lib_version} >= 150000);
};
step 'RETURNING, batches', sub {
    ask('INSERT INTO shop.notes (id, body) VALUES (?, ?), (?, ?) RETURNING id, body', 10001, 'a', 10002, undef);
    my $sth = $dbh->prepare('INSERT INTO shop.notes (id, body) VALUES (?, ?)');
    show($sth->execute_array({ ArrayTupleStatus => \my @status }, [10003 .. 10007], 'many'));
    show(@status);
    ask('UPDATE shop.notes SET body = ? WHERE id > ?', 'x', 10005);
    ask('SELECT id, body FROM shop.notes WHERE id > ? ORDER BY id', 10000);
    show($dbh->do('DELETE FROM shop.notes WHERE id > ?', undef, 10000), $dbh->do('DELETE FROM shop.notes WHERE id = ?', undef, -1));
    attempt('INSERT INTO shop.customers (id) VALUES (?)', 10001);
    attempt("INSERT INTO shop.customers (id, name) VALUES (10001, 'a'), (10001, 'b')");
    attempt('INSERT INTO shop.orders (id, customer_id) VALUES (?, ?)', 10001, 10001);
};
step 'types bound', sub {
    my $sth = $dbh->prepare('INSERT INTO public.messages (id, subject, status, cost, payload, urgent, trace, metadata, took) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *');
    my @values = (5577001, "gr\x{f6}\x{df}e", 'sent', '1.25', "\x00\xff\\", 1, '00112233-4455-6677-8899-aabbccddeeff', '{"a": [1]}', '1 day 02:03:04');
    $sth->bind_param($_ + 1, $values[$_], $_ == 4 ? { pg_type => PG_BYTEA } : $_ == 5 ? { pg_type => PG_BOOL } : undef) for 0 .. $#values;
    $sth->execute;
    my @row = $sth->fetchrow_array;
    show(map { defined && /[^\x20-\x{ffff}]/ ? unpack('H*', $_) : $_ } @row);
};
step 'an array bound', sub {
    ask('INSERT INTO shop.customers (id, name, tags) VALUES (?, ?, ?) RETURNING tags', 10001, 'name', ['a', 'b,c', undef]);
};
step 'pg_putcopydata', sub {
    $dbh->do('COPY shop.notes (id, body) FROM STDIN');
    $dbh->pg_putcopydata("$_\tbody $_\n") for 10001 .. 10100;
    show($dbh->pg_putcopyend);
    ask('SELECT count(*), max(body) FROM shop.notes WHERE id > 10000');
    my $row;
    $dbh->do('COPY (SELECT id, body FROM shop.notes WHERE id > 10098 ORDER BY id) TO STDOUT');
    print $row while $dbh->pg_getcopydata($row) >= 0;
    $dbh->pg_savepoint('own');
    $dbh->do('COPY shop.notes (id) FROM STDIN');
    $dbh->pg_putcopydata("x\n");
    eval { $dbh->pg_putcopyend; 1 } or error();
    $dbh->pg_rollback_to('own');
    ask('SELECT count(*) FROM shop.notes WHERE id > 10000');
};
step 'asynchronous writing', sub {
    my $sth = $dbh->prepare('INSERT INTO shop.notes (id) SELECT 10000 + g FROM generate_series(1, 100) g', { pg_async => PG_ASYNC });
    $sth->execute;
    show($dbh->pg_result);
    ask('SELECT count(*) FROM shop.notes WHERE id > 10000');
};
step 'a cursor, FOR UPDATE', sub {
    $dbh->do('DECLARE c CURSOR FOR SELECT id, name FROM shop.customers ORDER BY id');
    ask('FETCH 2 FROM c');
    ask('FETCH 2 FROM c');
    $dbh->do('CLOSE c');
    ask('SELECT id FROM shop.customers ORDER BY id LIMIT 2 FOR UPDATE');
};
