#!/bin/sh
# Run once by the postgres image: one database and one role a service.
set -eu
for service in profile assessment placement reporting; do
    psql --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" --username postgres <<SQL
CREATE ROLE $service LOGIN PASSWORD :'password';
CREATE DATABASE $service OWNER $service;
SQL
done
