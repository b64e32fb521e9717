-- Rows of the tables whose tenant column is no text: {number} and {uuid} say whose.
INSERT INTO books.counters (name, value{account}) SELECT 'counter ' || i, {number} * 1000 + i {number_value} FROM generate_series(1, 5) i;
INSERT INTO books.meters (account, meter, reading) SELECT {number}, i, {number} + i * 0.125 FROM generate_series(1, 5) i;
INSERT INTO books.devices (owner, serial, model) SELECT '{uuid}', 'S' || i, 'model {number} ' || i % 3 FROM generate_series(1, 5) i;
