-- A register as the first version made it, which wrote down no revision, with data.
CREATE TABLE organisations (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    membership_class VARCHAR,
    contract_hours FLOAT,
    PRIMARY KEY (id)
);
CREATE TABLE people (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    login VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (login)
);
CREATE TABLE grants (
    person_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (person_id, kind, name),
    FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE units (
    id VARCHAR NOT NULL,
    topic VARCHAR NOT NULL,
    organisation_id VARCHAR NOT NULL,
    domain VARCHAR,
    PRIMARY KEY (id),
    FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);
CREATE TABLE memberships (
    unit_id VARCHAR NOT NULL,
    person_id VARCHAR NOT NULL,
    starts DATETIME NOT NULL,
    ends DATETIME,
    PRIMARY KEY (unit_id, person_id, starts),
    FOREIGN KEY(unit_id) REFERENCES units (id),
    FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE proposals (
    id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    term VARCHAR NOT NULL,
    term_end DATE NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE proposal_members (
    proposal_id VARCHAR NOT NULL,
    person_id VARCHAR NOT NULL,
    PRIMARY KEY (proposal_id, person_id),
    FOREIGN KEY(proposal_id) REFERENCES proposals (id),
    FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE beamtimes (
    id VARCHAR NOT NULL,
    beamline VARCHAR NOT NULL,
    station VARCHAR NOT NULL,
    term VARCHAR,
    access_mode VARCHAR NOT NULL,
    unit_id VARCHAR,
    proposal_id VARCHAR,
    organisation_id VARCHAR,
    membership_class VARCHAR,
    domain VARCHAR,
    booking_id VARCHAR,
    safety_review_id VARCHAR,
    safety_review_issuer VARCHAR,
    shared_slot BOOLEAN NOT NULL,
    measurement_service VARCHAR NOT NULL,
    term_end DATE,
    overrun_allowed BOOLEAN NOT NULL,
    example BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(unit_id) REFERENCES units (id),
    FOREIGN KEY(proposal_id) REFERENCES proposals (id),
    FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);
CREATE TABLE slots (
    beamtime_id VARCHAR NOT NULL,
    starts DATETIME NOT NULL,
    ends DATETIME NOT NULL,
    PRIMARY KEY (beamtime_id, starts),
    FOREIGN KEY(beamtime_id) REFERENCES beamtimes (id)
);
CREATE TABLE beamtime_members (
    beamtime_id VARCHAR NOT NULL,
    person_id VARCHAR NOT NULL,
    PRIMARY KEY (beamtime_id, person_id),
    FOREIGN KEY(beamtime_id) REFERENCES beamtimes (id),
    FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE overrides (
    beamtime_id VARCHAR NOT NULL,
    rule_id VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    granted_by VARCHAR NOT NULL,
    granted_at DATETIME NOT NULL,
    PRIMARY KEY (beamtime_id, rule_id),
    FOREIGN KEY(beamtime_id) REFERENCES beamtimes (id)
);
CREATE TABLE uses (
    "key" INTEGER NOT NULL,
    beamtime_id VARCHAR NOT NULL,
    at DATETIME NOT NULL,
    hours FLOAT NOT NULL,
    PRIMARY KEY ("key"),
    FOREIGN KEY(beamtime_id) REFERENCES beamtimes (id)
);
CREATE INDEX ix_beamtimes_station ON beamtimes (station);
CREATE INDEX ix_slots_starts ON slots (starts);
CREATE INDEX ix_uses_beamtime_id ON uses (beamtime_id);
INSERT INTO "organisations" VALUES('O1','Company Alpha','gold',200.0);
INSERT INTO "organisations" VALUES('O2','Company Beta',NULL,NULL);
INSERT INTO "people" VALUES('P1','Member','alpha-member');
INSERT INTO "people" VALUES('P2','Academic','academic');
INSERT INTO "people" VALUES('P9','Staff','staff');
INSERT INTO "grants" VALUES('P1','qualification','radiation_worker');
INSERT INTO "grants" VALUES('P9','role','staff');
INSERT INTO "grants" VALUES('P9','qualification','radiation_worker');
INSERT INTO "units" VALUES('U1','a','O1','competitive');
INSERT INTO "memberships" VALUES('U1','P1','2026-04-01 00:00:00.000000',NULL);
INSERT INTO "memberships" VALUES('U1','P2','2026-04-01 00:00:00.000000','2026-12-22 00:00:00.000000');
INSERT INTO "proposals" VALUES('PR1','x','T1','2027-02-28');
INSERT INTO "proposal_members" VALUES('PR1','P2');
INSERT INTO "beamtimes" VALUES('BT-0001','BL08U','BL08U',NULL,'coalition_basic','U1',NULL,'O1','gold','competitive','B1','S1','PhoSIC',false,'none',NULL,false,false);
INSERT INTO "beamtimes" VALUES('BT-0002','BL13U','BL13U','T1','shared_general',NULL,'PR1',NULL,NULL,NULL,NULL,NULL,NULL,false,'none','2027-02-28',true,true);
INSERT INTO "slots" VALUES('BT-0001','2026-11-22 00:00:00.000000','2026-11-22 08:00:00.000000');
INSERT INTO "slots" VALUES('BT-0001','2026-11-23 00:00:00.000000','2026-11-23 08:00:00.000000');
INSERT INTO "slots" VALUES('BT-0002','2026-11-22 00:00:00.000000','2026-11-22 08:00:00.000000');
INSERT INTO "beamtime_members" VALUES('BT-0001','P1');
INSERT INTO "beamtime_members" VALUES('BT-0001','P2');
INSERT INTO "beamtime_members" VALUES('BT-0002','P2');
INSERT INTO "overrides" VALUES('BT-0002','mode.shared_general','why','staff','2026-04-01 00:00:00.000000');
INSERT INTO "uses" VALUES(1,'BT-0001','2026-11-22 02:00:00.000000',1.5);
INSERT INTO "uses" VALUES(2,'BT-0001','2026-11-23 01:00:00.000000',2.0);
