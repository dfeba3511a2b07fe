-- Tables and queries of Winnow's silos in PostgreSQL 12 or newer: membership (Silo:Clustering postgresql) and grain state (Silo:Storage postgresql).
--
--   psql "postgres://…/winnow" -v ON_ERROR_STOP=1 -f postgresql.sql
--
-- May be run again: tables are kept, queries are replaced. The silos need SELECT on orleansquery and SELECT, INSERT, UPDATE, DELETE on the other tables.
-- Orleans' AdoNet providers read every statement they use from orleansquery, and know nothing of the tables but what those statements return.

BEGIN;

CREATE TABLE IF NOT EXISTS orleansquery
(
    querykey  varchar(64) PRIMARY KEY,
    querytext text NOT NULL
);

-- ---- Membership: who is in the cluster. Every change raises the version of the whole table by one, or is refused. ----

CREATE TABLE IF NOT EXISTS winnow_membership
(
    cluster_id text PRIMARY KEY,
    version    integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS winnow_silo
(
    cluster_id    text NOT NULL REFERENCES winnow_membership ON DELETE CASCADE,
    address       text NOT NULL,
    port          integer NOT NULL,
    generation    integer NOT NULL,
    silo_name     text NOT NULL,
    host_name     text NOT NULL,
    status        integer NOT NULL,
    gateway_port  integer NOT NULL,
    suspect_times text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

-- ---- Grain state: one row a record. Sessions are found by age, so that those whose time to live is over can be removed. ----

CREATE TABLE IF NOT EXISTS winnow_grain_state
(
    service_id text NOT NULL,
    state_name text NOT NULL,
    key_0      bigint NOT NULL,
    key_1      bigint NOT NULL,
    key_text   text NOT NULL,
    version    integer NOT NULL,
    written_at timestamptz NOT NULL,
    payload    bytea,
    PRIMARY KEY (service_id, state_name, key_text, key_0, key_1)
);

CREATE INDEX IF NOT EXISTS winnow_grain_state_age ON winnow_grain_state (service_id, state_name, written_at);

DELETE FROM orleansquery;

INSERT INTO orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $q$
    WITH added AS (INSERT INTO winnow_membership (cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*)::integer AS added FROM added
$q$),
('InsertMembershipKey', $q$
    WITH raised AS
    (
        UPDATE winnow_membership SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS
            (SELECT 1 FROM winnow_silo WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster_id
    ),
    added AS
    (
        INSERT INTO winnow_silo (cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, alive_at)
        SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
        RETURNING 1
    )
    SELECT count(*)::integer AS added FROM added
$q$),
('UpdateMembershipKey', $q$
    WITH raised AS
    (
        UPDATE winnow_membership SET version = version + 1, changed_at = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS
            (SELECT 1 FROM winnow_silo WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster_id
    ),
    changed AS
    (
        UPDATE winnow_silo s SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
        FROM raised r
        WHERE s.cluster_id = r.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
        RETURNING 1
    )
    SELECT count(*)::integer AS changed FROM changed
$q$),
('UpdateIAmAlivetimeKey', $q$
    UPDATE winnow_silo SET alive_at = @IAmAliveTime
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$q$),
-- The version is told even when there is no silo.
('MembershipReadRowKey', $q$
    SELECT s.address AS "Address", s.port AS "Port", s.generation AS "Generation", s.silo_name AS "SiloName", s.host_name AS "HostName",
           s.status AS "Status", s.gateway_port AS "ProxyPort", s.suspect_times AS "SuspectTimes", s.started_at AS "StartTime",
           s.alive_at AS "IAmAliveTime", m.version AS "Version"
    FROM winnow_membership m
    LEFT JOIN winnow_silo s ON s.cluster_id = m.cluster_id AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE m.cluster_id = @DeploymentId
$q$),
('MembershipReadAllKey', $q$
    SELECT s.address AS "Address", s.port AS "Port", s.generation AS "Generation", s.silo_name AS "SiloName", s.host_name AS "HostName",
           s.status AS "Status", s.gateway_port AS "ProxyPort", s.suspect_times AS "SuspectTimes", s.started_at AS "StartTime",
           s.alive_at AS "IAmAliveTime", m.version AS "Version"
    FROM winnow_membership m
    LEFT JOIN winnow_silo s ON s.cluster_id = m.cluster_id
    WHERE m.cluster_id = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
    SELECT address AS "Address", gateway_port AS "ProxyPort", generation AS "Generation"
    FROM winnow_silo WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$q$),
('DeleteMembershipTableEntriesKey', $q$
    DELETE FROM winnow_membership WHERE cluster_id = @DeploymentId
$q$),
-- 3 is Active, as Orleans numbers the states of a silo.
('CleanupDefunctSiloEntriesKey', $q$
    DELETE FROM winnow_silo WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$q$),
('ReadFromStorageKey', $q$
    SELECT payload AS "PayloadBinary", version AS "Version"
    FROM winnow_grain_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
      AND key_text = coalesce(@GrainIdExtensionString, '') AND key_0 = @GrainIdN0 AND key_1 = @GrainIdN1
$q$),
-- Answers with the writer's own version when the stored one is another: the writer knows then that it came too late.
('WriteToStorageKey', $q$
    WITH changed AS
    (
        UPDATE winnow_grain_state SET version = version + 1, written_at = now(), payload = @PayloadBinary
        WHERE service_id = @ServiceId AND state_name = @GrainTypeString
          AND key_text = coalesce(@GrainIdExtensionString, '') AND key_0 = @GrainIdN0 AND key_1 = @GrainIdN1
          AND version = @GrainStateVersion
        RETURNING version
    ),
    added AS
    (
        INSERT INTO winnow_grain_state (service_id, state_name, key_0, key_1, key_text, version, written_at, payload)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), 1, now(), @PayloadBinary
        WHERE @GrainStateVersion::integer IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version
    )
    SELECT coalesce((SELECT version FROM changed), (SELECT version FROM added), @GrainStateVersion::integer) AS "NewGrainStateVersion"
$q$),
('ClearStorageKey', $q$
    UPDATE winnow_grain_state SET version = version + 1, written_at = now(), payload = NULL
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
      AND key_text = coalesce(@GrainIdExtensionString, '') AND key_0 = @GrainIdN0 AND key_1 = @GrainIdN1
      AND version = @GrainStateVersion
    RETURNING version AS "NewGrainStateVersion"
$q$),
('DeleteStorageKey', $q$
    DELETE FROM winnow_grain_state
    WHERE service_id = @ServiceId AND state_name = @GrainTypeString
      AND key_text = coalesce(@GrainIdExtensionString, '') AND key_0 = @GrainIdN0 AND key_1 = @GrainIdN1
      AND version = @GrainStateVersion
    RETURNING version + 1 AS "NewGrainStateVersion"
$q$);

COMMIT;
