from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "deferred_task" (
    "id" UUID NOT NULL PRIMARY KEY,
    "name" VARCHAR(80) NOT NULL,
    "args" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "attempt" INT NOT NULL,
    "lease" UUID,
    "lease_until" TIMESTAMPTZ,
    "failed_at" TIMESTAMPTZ,
    "error" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "deferred_task" IS 'What a committed command wants done. The row is the truth; the queue in Redis only makes it fast.';
CREATE INDEX "idx_deferred_task_due" ON "deferred_task" ("due_at") WHERE "failed_at" IS NULL;
CREATE INDEX "idx_deferred_task_failed" ON "deferred_task" ("failed_at") WHERE "failed_at" IS NOT NULL;
CREATE TABLE "event" (
    "topic" VARCHAR(120) NOT NULL,
    "seq" BIGINT NOT NULL,
    "xid" XID8 NOT NULL DEFAULT pg_current_xact_id(),
    "name" VARCHAR(80) NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "by" TEXT,
    "data" TEXT NOT NULL,
    PRIMARY KEY ("topic", "seq")
);
CREATE INDEX "idx_event_xid" ON "event" ("xid");
CREATE INDEX "idx_event_at" ON "event" USING brin ("at");
COMMENT ON TABLE "event" IS 'One logged event. Key (topic, seq) and the index on `xid` (an xid8) are made by the migration.';
CREATE TABLE "idempotency_record" (
    "user_id" UUID NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    "method" VARCHAR(80) NOT NULL,
    "params_hash" BYTEA NOT NULL,
    "reply" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    PRIMARY KEY ("user_id", "key")
);
CREATE INDEX "idx_idempotency_record_created_at" ON "idempotency_record" USING brin ("created_at");
COMMENT ON TABLE "idempotency_record" IS 'The reply that a command gave for a key of a user, for 24 hours. Key (user_id, key) is made by the migration.';
CREATE TABLE "log_epoch" (
    "id" INT NOT NULL PRIMARY KEY,
    "value" VARCHAR(36) NOT NULL
);
COMMENT ON TABLE "log_epoch" IS 'The stored part of the epoch: one row, renewed after the database was restored from a copy.';
INSERT INTO "log_epoch" ("id", "value") VALUES (1, gen_random_uuid()::text);
CREATE TABLE "periodic_work" (
    "name" VARCHAR(80) NOT NULL PRIMARY KEY,
    "due_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "periodic_work" IS 'When a kind of periodic work is due next; whoever locks the row queues it.';
CREATE TABLE "topic" (
    "name" VARCHAR(120) NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE "topic" IS 'The head of one topic''s log. Its row is the lock under which sequence numbers are given.';
CREATE TABLE "user" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "email" VARCHAR(254) NOT NULL,
    "email_canonical" VARCHAR(254) NOT NULL UNIQUE,
    "username" VARCHAR(30),
    "username_canonical" VARCHAR(90) UNIQUE,
    "password_hash" VARCHAR(200),
    "full_name" VARCHAR(50) NOT NULL,
    "roles" TEXT[] NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "email_verified_at" TIMESTAMPTZ,
    "date_of_birth" DATE,
    "rev" INT NOT NULL,
    CONSTRAINT "chk_user_roles" CHECK (
        "roles" <@ ARRAY['user', 'job_seeker', 'employer', 'instructor', 'consultant', 'admin'] AND 'user' = ANY("roles")
    ),
    CONSTRAINT "chk_user_username" CHECK (("username" IS NULL) = ("username_canonical" IS NULL)),
    CONSTRAINT "chk_user_status" CHECK ("status" IN ('active', 'suspended'))
);
COMMENT ON TABLE "user" IS 'A person''s account.';
CREATE TABLE "session" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "device" VARCHAR(200) NOT NULL,
    "ip" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ NOT NULL,
    "revoked_at" TIMESTAMPTZ,
    "authenticated_at" TIMESTAMPTZ NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_session_user_id" ON "session" ("user_id");
COMMENT ON TABLE "session" IS 'One device on which somebody is logged in.';
CREATE TABLE "refresh_token" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "used_at" TIMESTAMPTZ,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "session_id" UUID NOT NULL REFERENCES "session" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_refresh_token_session_id" ON "refresh_token" ("session_id");
CREATE INDEX "idx_refresh_token_expires_at" ON "refresh_token" ("expires_at");
COMMENT ON TABLE "refresh_token" IS 'One refresh token. Only its hash is kept: who reads the table cannot log in with what is there.';
CREATE TABLE "block" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "blocked_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    "blocker_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_block_blocker_73e82d" UNIQUE ("blocker_id", "blocked_id"),
    CONSTRAINT "chk_block_two_people" CHECK ("blocker_id" <> "blocked_id")
);
CREATE INDEX "idx_block_blocked_e04ae3" ON "block" ("blocked_id");
COMMENT ON TABLE "block" IS 'One person has blocked another: neither can write to the other until it is removed.';
CREATE TABLE "conversation" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "last_number" BIGINT NOT NULL,
    "last_message_content" TEXT,
    "last_message_time" TIMESTAMPTZ,
    "user_hi_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    "user_lo_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_conversatio_user_lo_fd9fbd" UNIQUE ("user_lo_id", "user_hi_id"),
    CONSTRAINT "chk_conversation_order" CHECK ("user_lo_id" < "user_hi_id")
) WITH (fillfactor = 70);
CREATE INDEX "idx_conversatio_user_hi_826360" ON "conversation" ("user_hi_id");
COMMENT ON TABLE "conversation" IS 'Two people, their ids in order, and the counter that numbers their messages without gaps.';
CREATE TABLE "direct_message" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "number" BIGINT NOT NULL,
    "sender_id" UUID NOT NULL,
    "receiver_id" UUID NOT NULL,
    "content" TEXT NOT NULL,
    "reply_to" UUID,
    "edited_at" TIMESTAMPTZ,
    "deleted_at" TIMESTAMPTZ,
    "conversation_id" UUID NOT NULL REFERENCES "conversation" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_direct_message_number" CHECK ("number" > 0),
    CONSTRAINT "chk_direct_message_two_people" CHECK ("sender_id" <> "receiver_id"),
    CONSTRAINT "uid_direct_mess_convers_046c90" UNIQUE ("conversation_id", "number")
);
COMMENT ON TABLE "direct_message" IS 'One message. A deleted one stays as a tombstone without text, so the numbers of a conversation have no gaps.';
CREATE TABLE "participant" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "unread_count" INT NOT NULL,
    "last_read_number" BIGINT NOT NULL,
    "muted" BOOL NOT NULL,
    "archived" BOOL NOT NULL,
    "visible" BOOL NOT NULL,
    "conversation_id" UUID NOT NULL REFERENCES "conversation" ("id") ON DELETE CASCADE,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_participant_convers_81f455" UNIQUE ("conversation_id", "user_id"),
    CONSTRAINT "chk_participant_counts" CHECK ("unread_count" >= 0 AND "last_read_number" >= 0)
) WITH (fillfactor = 70);
CREATE INDEX "idx_participant_user_id_c6546c" ON "participant" ("user_id");
COMMENT ON TABLE "participant" IS 'The seat of one person in a conversation: what they have read, and how they keep it.';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        """


MODELS_STATE = (
    "eJztXW1z2zYS/isYfbl0RvX4PYnT6YyduK3bxO44yqWvI0MkJGFMAioJStH08t9vFwQpvs"
    "qkZdmUzM61ZwFYgHwALnYfLIB/O660mePvvGND5nnM7lH/tnNC/u0I6jL4ozC/Szp0Mlnk"
    "YoKiA0cL2KZkX0VFB77yqKUgc0gdn3WxjG95fKK4FCjyeUwVocSSrsuVYrb+iwqbzKhQPr"
    "GlYDukN2bEkzPCfaLgT+UFavxG//lPwAJGuCDXzIZcKZw5cekt8wlX0KSvdvAxbGnBc3Ax"
    "epQW/xJ/iVMF7Q0CxfyTvwSBf6g38k90tYjNf3xMCFyGLVL4H/n549UlpHl0vmME4NnciT"
    "ohP8FjyKFiAhuYQWHLodxl9ht48EDgC8D74JPp9C7xJfzSrziT3i3zwl82hyfUAvBGUppG"
    "HEZ9dkI+jyWbQkkvEPo1xtKx8cXx7eUttAxi3CE3unhf/7h5E776jKsxirh0rh8CQRswAk"
    "ODwaOZZoaUOzAqKLzNRwYvMV68zIhPsf7JG0zwFZ37pjFfumwg7TlxpLz1dTcGggP6fSVH"
    "DJryoDP//BuSubDZF+ZHPye3/SFnjp0aytzGCnR6X80nOu3Tp4t3P+iSOEQGfUs6gSsWpS"
    "dzNZYiLh4E3N5BGcwbMcE8Cm+YGNkicBzzJURJ4RNDAgwgFj+qvUiAL4YGDn4fne+GgbDw"
    "syC6JfzP4ffm0RLF+v3Lq17/43mv3+/kPid8hMx4N0mWFPgpcuh/BOZrWO8CEJ3awQbe/n"
    "R6/eLg+BsNgfTVyNOZGq7OVy1IFQ1FNegLlPX/53B+O6ZeMc5R+QzS8KD3wThKWIC80DkR"
    "fBFAa4C049IvfYeJkRrDz1e7SyD+7+m1RvnVrkZZgooMFeilydnXWQj2AlzUIHlwe+yLKg"
    "Y3Kr8V4C4Bs3f+Ww9rdn3/HycJ4osPp79pfN25yXl/dfljVDwB+tv3V2cZsG3QM1Tl4X4H"
    "kCnQvsWQL6QyoNtGbCf6Y8u64OLD+cfe6YdfU/3w7rR3jjn7qT6IUl8cZ8Z+XAn5fNH7ie"
    "BP8sfV5XlWD8Xlen908JlooGRfyFmf2klMouQoKf0thZNrvn8vRNnXtJDI9C3gs67e3F2X"
    "qhrhE3y7v3f48vDVwfHhKyiinzJOebmkty8ue5mvRdsFdSbYWGCFOdbMoBvwedw5o2aQDC"
    "2susonI/oAGmhzEN44BRRbxHV7OSXY9nGT+xhcYenVsdhigXuZbBvUk+uw2CyPITb3+KTS"
    "kq3l1riPCr364W3C48SEAbVuZ9Sz+7kcuS/Lyuaz3H03m0IFHelOQjTxOQ0Pdj5lQnUKCL"
    "Iwo7uMGWNxkTsZsSvBiCNH8AhES+2QX9icvFBywq0u8dk/3xBkq5Bs0eOJSEFuvnD7hryg"
    "gsAfr6CAx4hLbUYGISvj8hGMV2ggT4etv7kVaBv9FHUYhVjgYbzeu2mbRyMU9varMApQqp"
    "RS0HnLCRzo7jzaZ3xU6hYZgcdzidaJd+gVvd7fPzh4ub97cPzq6PDly6NXu7F7lM9a5ied"
    "XfyIrlKqN/K+U8uZrZMzq20MtEZAQ42AZLcO5nXM6rB0a1PfgwWFeaIO0lH5rdBNjwF2Qy"
    "zbC5u5E6mYsObXzJJe2ggrLbTU4uWL4n1vUf5O81evvLKJM49WMaPl2RGdMjKUHiTdgoUq"
    "h/BH4DOvqxP3D8lYBp5vzFfM6HO7i0W/wVXcitbwo7e+gnFsWqnDuyZE2tXNuqub0Jl1DD"
    "VTfCt0YdpOOz6sYKcdH5baaZiVnmhcGPyyYCSXo7uQ2EKAH94QnlCPun5/TP1xkYMnqDcv"
    "xjkjmAF7MFfM30C4l3ltODMn53ZA9ezi8vT69+LJPSqfVCZnv/fOTzM9oGeVOsZULNBari"
    "0b3DqCUVJTbOb3cnQ+kda4yFSO85ZayI4c9VlcrJJh7CvpMZuAUlZogqI5qWs4IVLo2Lsu"
    "WK+CzTAocKh07B8jaNAMqM90vB2AH9Yx9KSr7dvJvNgMXmNbDxzIV8pOFlq69yQnn5YKfp"
    "CAjXLTdkqdoBYLGQtsofV1cFzB+jrIqr2F9YVZjXHtf2Uelza3PkuvMLg7lb9UXU1Myf4s"
    "KlohuJsJdJihW1GFRDXowGR0i+2AEQEG0BsyMxHIjrRu/TiQWMdaY0RyURT3Q1a9gkJ6Wv"
    "6+QQtUD+W0lGupNiizNebWoyV7etm4QD32ovXkcr0YLzlXM+HGjGqNhUaUFv2Pj+vvO+RC"
    "+cktJ6iuSACjygMNxq0xLsUHTFig1gJ3wDxfr7rr7RPF9tu6Gmp1ZbuY33zF+HiL+Q1RYZ"
    "98/S3mNJhOX6rAgqjEnfrrFO0sXwrcvmbpzWR51VNQpnBDHHMpd8IdcTBHwDSiN8Jx0E1y"
    "JtCbBPht+N3F7WI6vog7ZCSZv5OQ71tUSMEt6uAmNqrMTjwq4jrD8djVMUyDudFwEyYnjg"
    "57IlyY+ibU98F4tDXVeUIuUW3i0g6Yj+FON0u6UDXWQcP1H0FkoHxuMwL/CsXVnEw8OYUf"
    "nqnTkw68L7kQWtFC5fBexpWmzmRMBwxe7wbxv4GEGW5+o64UIyzhPrstb/1AcRiwgPOEKr"
    "1C9HLDVoha1rFcH8ML2lfwHZmBsCGGqxmzS6NRgol9z15PS7a93pReL3BXzNMnovtx/qlj"
    "zMYCW0iZ7R9VWRKGUqX2rM77mkd4McPXxjotunU+xFowR1ukrpeWlNmGtcoMG1zFUzsod9"
    "QOcmvxEV73G9rF0g+Ce4MG9+sqqL8uR/11QQREwr6vA3hOcPvG+P5uFbihVLkq2c0BPoSG"
    "+3V1SUpoCyfKoypAH5XjfJSDWfuYeYhP8SiZksCSSCKDr8P9tTE9CVfP8BIROYD6zN/5zq"
    "HuwKbfP4XDhxElf/6dgdVXVAUFuJYP3YXE443bDgVMp2xdoGVIyyrronvl66J7x8UW3pR5"
    "HKq8jwNVWEG7K7o5blPeW8Ze6Mthf8A9VTAPY3+Xbi5ICy7r563qY+y3XDThNI9dKbFvSj"
    "8esb+3LoX0AHEwNfj65FqK78OzFkwIZ0byh1+umaPj+gugNnPex7CWDbRivkZDKko1H9DX"
    "dS5pRHAVrGokkCxf2PAThSptu7bZlFsMdzibldDoDDruR3ukeckW6mqihSshoWi4FILWEA"
    "E0hOrisX4uKF+0zokFZgc8PppKZvnjy4SDVtZn6n025+kxYeOCh4PrHvCTYwTeEAqNofEB"
    "G0qPRWcLBmqMKxaWYR9NFbguEXk7icP5HOqrrlkLocockwj1K4kn/XnMYmLlKJp2saJdrG"
    "iOtttQ2rpdrHiOvV5lsSKcYup4swuJR/RmH8ePXQvbxSd10A1Lbx2yD78xcGHm1KYGUpJb"
    "qK42Vz3lZyU0Mfs+Y+IeHZ2Vbbu60V3tsam8vZcBkpZsWb4m93LWw6zb10Xy7Yfd6C5vzn"
    "EUze3UO9z1HDWZRjcP7Q/SY3wkfmHhUt8FPAcVhWZ7Jhp4MyHN0Y+Q7NFZzCclBxS8e3gJ"
    "hcb99OPb03fnna9VuF595cWKTO91SLz1sKotwnutdG8KswLON4tpOfFraM++iotWon+NWH"
    "jnyQ5BKkAHpGPgB7KptwzvY8GAcGQKzM0w2CaxqBBSmYDy8E4UzZWGW2w8VswZr7m9lo5t"
    "mn7vtnTsMyLmWjr2OfZ6FTpWK/zagYhpqa2LZ3548hCswXt9WX5LMjTwK8orz5YcfhbdbM"
    "I4anILaamWXlhOLyRCZVZkGLYvxqmbIRnSI6suz7BOD/oMz3LoFLjOYUZ3mc88iItU8pXD"
    "Td7oqhItiaeAgUsKfiY8FeP4B3qpZOZxhedPhDugdXJ4v2cUoOTKKbOL/eM1tFHgE/8Zvn"
    "pMHJmm8Nffrb/c+subp8g21HNq/eXn2OtV/OWESq6hZtNS67UAH9NtXkWfZjGtu2KXlmqt"
    "6uVWtUGrXbe7y6ROD6tik7pAITQK2CdQARVxtRvoqryVYgrmPVUlGzxS+UsdFytb8u5j+G"
    "bSHAHVRZeBe4TbPi6k6ROauvF9d3qDqj7YmCoSHYYXCrjgA8KL+XrtTQaKjOjELziHb50t"
    "FfoyegXckabH9a8xb32Zp58mWl/mOVm1rS/zHHu9ii+jw5VDFZ/v9mWnc2YEH28z7+66Ov"
    "lJ7tvUMJpJFQ0oZS7mTXdE+bUsZfLbcCrMHYdkpL6wh7ilJYVlpKpqx/5nK2gXbZuj/krC"
    "hEOTtIaZmZZquZz8iWILo78WprFUy+XcHYANaDWKcmgkl5MeVinO4Rq0x/XF216nSCM0Ct"
    "kmkjlpHVgCbJUA94hSKLA/a4S4v+Mes9SHsK4tGs+Z2BOqVsTpV+opbvEJ3chz9J9kJ0B6"
    "aBWwg7mxV04P2rpoZCRWIwgx+MAI7JBTEn5ntr5JA1TQXJ9UT4mSLtSEiRE1p8Br6BI/DE"
    "SIaDx9VXCSpCRjvEtYyBLO8DEbx/NobnyGl3+AWrnpkhs8zoVPw5+anrzR91D2lbzR94CA"
    "5DBUy3i5sX+Crc11jjlUH2ViztIcdp98gO5fIjwhh/v4TiEHOhtLPzz8xo/2NuijZXTgxh"
    "vCKJTHa5dnMnBsqM5XBO90mkctRXEhxJHy9ttgoitF7rucKE0+k1GpxrlumdKntmxbpvT5"
    "cGYtU/oce70KU3ofkvQp+NF19u6TUKSxQVBneksJtWRC7rzO2KyqA2pGrIU1e813ff5+Vc"
    "p+g4BcC2cfuQP1hvFCZoUxvDmsfI0hzGx+P9MmJdiueTTHkMnbr8aHv8/ltSnJtpeb3MsF"
    "jEJVBVkg2s71y9djsmF/Ky4dZOMNNxPiO9cQCgZak6JCk1x5Ae2bodKX3FWfKVjpZmbk+q"
    "MLk83WMy4y9OlJeM6KJj01k4rud8hhjuUsTL9lbFJ4Z/06GtEMbiCwRF9Hkd5E9zqHrjC2"
    "FdOxeoscZJuGB2wukeHVURS6hlDmJoxDDeleFTHQO+ENqyAOidDolPsc4L4xKfga+gDx6P"
    "ZXvE7mJPES0Y49OYFPy87xwlCHR0ZQD41JXS4iGKsyuNH5Ty2F+9QGbkvhPh8yr6Vwn2Ov"
    "V6FwkxNTvt9LWdys2NbEuq50cU0ucjIxZddjyYuktwbjRybL3UAVbUQ7k9JhVBTjH8tkQB"
    "+A0LpQj1Me11A4u7p6n1JWZxdZkvHTh7Pz6xd7WktBIa5KkKaeNebT2mAnxVq8a+BtDPya"
    "cCekWrRroN2yR+sPkW7o6dSbEXDecnFPxcVlx/EDQPwMIqXvGSa9TnrzlHncGncKmE2T01"
    "1GatJFmbv4zHJEH/hQ6FIXo1BvFjgVpvtW48jWH4GzouNWzoahBijUmuXnwCZEtiKCIXM7"
    "19HREkDj27mOjspv58K8jOswqXU9lym+hejuVbr7bG/J3Wd7+bvPSqNwfv54dVk3Csfmli"
    "L/I+u8jP5pzCsEI+Ur5KJxsoE3GTsMKzird4Hxw09mX/8Pm/KbuA=="
)
