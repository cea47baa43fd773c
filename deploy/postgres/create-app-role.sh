#!/usr/bin/env bash
# Run once by the PostgreSQL image when it creates the cluster: the role the application signs in with owns nothing;
# `manage.py grant_app_role` gives it rights table by table after each migration.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set role="$APP_DB_USER" --set password="$APP_DB_PASSWORD" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
SQL
