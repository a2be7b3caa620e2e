-- The tables of a dashspv store, schema version 1. One for each dspv_table (include/dashspv/store.h), by the names of table.c;
-- what keys and values mean is the business of those who write them. The build puts this file into the program.
--
-- WITHOUT ROWID: the key is the place, there is no second index. Not so the runs of headers: where a record is longer than a
-- quarter of a page, SQLite reads all of it to compare its key with another one, here 20 kB a dozen times to find a run. Stores
-- of before that have them without rowids too, which is slower and as good.
--
-- Changing it: raise the version in schema.c, add the step from the version before to its list, and change this file to the
-- result: new stores are made from it, old ones by the steps. A test holds that both ways end alike.

CREATE TABLE meta        (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- one each: network, tip, ...
CREATE TABLE headers     (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL); -- runs of the best chain
CREATE TABLE masternodes (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- entries of lists, each once
CREATE TABLE lists       (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- proven lists by height
CREATE TABLE quorums     (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- commitments
CREATE TABLE snapshots   (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- of rotation, by cycle
CREATE TABLE locks       (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- ChainLocks, InstantSend locks
CREATE TABLE addresses   (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID; -- the address book
