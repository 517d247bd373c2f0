-- The logins and databases of Tiled, made once by PostgreSQL's administrator:
--   sudo -u postgres psql --file databases.sql
-- Then give each login its password, which no file and no command line shows:
--   sudo -u postgres psql --command '\password nanoterasu_tiled'
--   sudo -u postgres psql --command '\password nanoterasu_station'

\set ON_ERROR_STOP on

CREATE ROLE nanoterasu_tiled LOGIN;
CREATE ROLE nanoterasu_station LOGIN;

CREATE DATABASE nanoterasu_catalog OWNER nanoterasu_tiled TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE nanoterasu_authn OWNER nanoterasu_tiled TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE nanoterasu_tables OWNER nanoterasu_tiled TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE nanoterasu_catalog, nanoterasu_authn, nanoterasu_tables FROM PUBLIC;

-- A station's shipper looks up where a run stands, so that one that was moved is not sent twice.
GRANT CONNECT ON DATABASE nanoterasu_catalog TO nanoterasu_station;
\connect nanoterasu_catalog
ALTER DEFAULT PRIVILEGES FOR ROLE nanoterasu_tiled IN SCHEMA public
    GRANT SELECT ON TABLES TO nanoterasu_station;
