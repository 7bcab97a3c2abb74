#!/bin/sh
# Postgres runs this once, when its folder is empty: the three logins of docs/security.md, and the database.
set -eu
psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set=owner="$OWNER_PASSWORD" --set=service="$SERVICE_PASSWORD" --set=tenant="$TENANT_PASSWORD" <<'SQL'
CREATE ROLE errand_app NOLOGIN;
CREATE ROLE errand_system NOLOGIN;
CREATE ROLE errand_owner LOGIN PASSWORD :'owner';
CREATE ROLE errand_service LOGIN NOINHERIT PASSWORD :'service';
CREATE ROLE errand_tenant LOGIN NOINHERIT PASSWORD :'tenant';
GRANT errand_app, errand_system TO errand_owner;
GRANT errand_system TO errand_service;
GRANT errand_app TO errand_tenant;
GRANT pg_read_all_stats TO errand_system;
CREATE DATABASE errand OWNER errand_owner;
SQL
