-- Runs once, when the cluster is made. Schemas and tables come from `caraka migrate`, one schema per service.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE caraka FROM PUBLIC;
ALTER DATABASE caraka SET timezone TO 'UTC';
ALTER DATABASE caraka SET synchronous_commit TO 'on';
