"""The tables of the simulator's one SQLite file."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, private TEXT NOT NULL, public TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    csession TEXT PRIMARY KEY, token TEXT NOT NULL, person TEXT NOT NULL, certificate INTEGER NOT NULL,
    company TEXT, started REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sessions_person ON sessions (person);
CREATE TABLE IF NOT EXISTS represented (person TEXT, company TEXT, PRIMARY KEY (person, company));
CREATE TABLE IF NOT EXISTS previews (csession TEXT, digest TEXT, PRIMARY KEY (csession, digest));
CREATE TABLE IF NOT EXISTS proposals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, issuer TEXT NOT NULL, tipo INTEGER NOT NULL,
    folio INTEGER NOT NULL, receiver TEXT NOT NULL, tmst TEXT NOT NULL, text TEXT);
CREATE INDEX IF NOT EXISTS proposals_folio ON proposals (issuer, tipo, folio);
CREATE TABLE IF NOT EXISTS issued (
    codigo INTEGER PRIMARY KEY AUTOINCREMENT, issuer TEXT NOT NULL, tipo INTEGER NOT NULL,
    folio INTEGER NOT NULL, fecha TEXT NOT NULL, receiver TEXT NOT NULL, receiver_name TEXT NOT NULL,
    total TEXT NOT NULL, digest TEXT NOT NULL, xml BLOB NOT NULL, UNIQUE (issuer, tipo, folio));
CREATE INDEX IF NOT EXISTS issued_by_date ON issued (issuer, fecha);
CREATE TABLE IF NOT EXISTS objections (codigo INTEGER PRIMARY KEY, since REAL NOT NULL);
INSERT OR IGNORE INTO sqlite_sequence (name, seq) VALUES ('issued', 4070000);
"""

ISSUED = """SELECT codigo, issuer, tipo, folio, fecha, receiver, receiver_name, total, digest, xml,
    (SELECT since FROM objections WHERE objections.codigo = issued.codigo) FROM issued"""
"""Columns in the order of ``store.Issued``."""
