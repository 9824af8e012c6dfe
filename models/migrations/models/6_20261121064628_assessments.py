from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "assessment_package" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "archived_at" TIMESTAMPTZ,
    "rev" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "published" BOOL NOT NULL,
    "description" TEXT NOT NULL,
    "category" VARCHAR(80),
    "price_amount" BIGINT,
    "price_currency" VARCHAR(3),
    "product_id" UUID UNIQUE,
    "owner_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    CONSTRAINT "chk_package_price" CHECK (("price_amount" IS NULL) = ("price_currency" IS NULL) AND "price_amount" > 0),
    CONSTRAINT "chk_package_product" CHECK ("price_amount" IS NULL OR "product_id" IS NOT NULL)
);
CREATE INDEX "idx_assessment__owner_i_787693" ON "assessment_package" ("owner_id");
COMMENT ON TABLE "assessment_package" IS 'Assessments that are offered together.';
CREATE TABLE "package_access" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "source" VARCHAR(80) NOT NULL,
    "revoked_at" TIMESTAMPTZ,
    "package_id" UUID NOT NULL REFERENCES "assessment_package" ("id") ON DELETE CASCADE,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_package_acc_package_5c7e3b" UNIQUE ("package_id", "user_id")
);
CREATE INDEX "idx_package_acc_user_id_8b7c74" ON "package_access" ("user_id");
COMMENT ON TABLE "package_access" IS 'Somebody may begin what is in a package that is not free. Payments write this; a refund takes it back.';
CREATE TABLE "question_bank" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "archived_at" TIMESTAMPTZ,
    "rev" INT NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "description" TEXT NOT NULL,
    "owner_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT
);
CREATE INDEX "idx_question_ba_owner_i_65acf9" ON "question_bank" ("owner_id");
COMMENT ON TABLE "question_bank" IS 'Questions of one author that belong together.';
CREATE TABLE "question" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "archived_at" TIMESTAMPTZ,
    "rev" INT NOT NULL,
    "version" INT NOT NULL,
    "version_id" UUID NOT NULL,
    "type" VARCHAR(16) NOT NULL,
    "tags" TEXT[] NOT NULL,
    "difficulty" VARCHAR(16) NOT NULL,
    "bank_id" UUID NOT NULL REFERENCES "question_bank" ("id") ON DELETE RESTRICT,
    "owner_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    CONSTRAINT "chk_question_type" CHECK ("type" IN ('single', 'multiple', 'true_false', 'numeric', 'short_text', 'ordered', 'matrix')),
    CONSTRAINT "chk_question_difficulty" CHECK ("difficulty" IN ('easy', 'medium', 'hard'))
);
CREATE INDEX "idx_question_bank_id_9c9402" ON "question" ("bank_id");
CREATE INDEX "idx_question_owner_i_0834d9" ON "question" ("owner_id");
COMMENT ON TABLE "question" IS 'One question. What it asks is in its versions; what it is found by is its newest version''s.';
CREATE TABLE "question_version" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "number" INT NOT NULL,
    "type" VARCHAR(16) NOT NULL,
    "stem" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "rows" JSONB NOT NULL,
    "key" JSONB NOT NULL,
    "method" VARCHAR(16) NOT NULL,
    "pairs" JSONB NOT NULL,
    "points" DOUBLE PRECISION NOT NULL,
    "rationale" TEXT NOT NULL,
    "media" JSONB NOT NULL,
    "tags" TEXT[] NOT NULL,
    "difficulty" VARCHAR(16) NOT NULL,
    "question_id" UUID NOT NULL REFERENCES "question" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_question_ve_questio_dfa98d" UNIQUE ("question_id", "number"),
    CONSTRAINT "chk_question_version_type" CHECK ("type" IN ('single', 'multiple', 'true_false', 'numeric', 'short_text', 'ordered', 'matrix')),
    CONSTRAINT "chk_question_version_method" CHECK ("method" IN ('all_or_nothing', 'partial', 'zero_one', 'plus_minus', 'rationale')),
    CONSTRAINT "chk_question_version_points" CHECK ("points" > 0)
);
COMMENT ON TABLE "question_version" IS 'One version of a question; it is never changed.';
CREATE TABLE "assessment" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "archived_at" TIMESTAMPTZ,
    "rev" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "published" BOOL NOT NULL,
    "description" TEXT NOT NULL,
    "category" VARCHAR(80),
    "mode" VARCHAR(16) NOT NULL,
    "time_limit_seconds" INT,
    "opens_at" TIMESTAMPTZ,
    "closes_at" TIMESTAMPTZ,
    "max_attempts" INT,
    "overdue_handling" VARCHAR(16) NOT NULL,
    "grace_period_seconds" INT NOT NULL,
    "navigation" VARCHAR(16) NOT NULL,
    "pausing" BOOL NOT NULL,
    "shuffle" JSONB NOT NULL,
    "review_policy" JSONB NOT NULL,
    "passing_percentage" DOUBLE PRECISION,
    "grading_method" VARCHAR(16) NOT NULL,
    "access_code" VARCHAR(64),
    "question_count" INT NOT NULL,
    "owner_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    "package_id" UUID REFERENCES "assessment_package" ("id") ON DELETE RESTRICT,
    CONSTRAINT "chk_assessment_mode" CHECK ("mode" IN ('exam', 'practice')),
    CONSTRAINT "chk_assessment_overdue" CHECK ("overdue_handling" IN ('autosubmit', 'graceperiod', 'autoabandon')),
    CONSTRAINT "chk_assessment_navigation" CHECK ("navigation" IN ('free', 'sequential', 'no_backtrack')),
    CONSTRAINT "chk_assessment_grading" CHECK ("grading_method" IN ('highest', 'average', 'first', 'last')),
    CONSTRAINT "chk_assessment_window" CHECK ("closes_at" > "opens_at"),
    CONSTRAINT "chk_assessment_numbers" CHECK ("time_limit_seconds" > 0 AND "max_attempts" > 0 AND "grace_period_seconds" >= 0
        AND "passing_percentage" BETWEEN 0 AND 100)
);
CREATE INDEX "idx_assessment_owner_i_100bbc" ON "assessment" ("owner_id");
CREATE INDEX "idx_assessment_package_50f275" ON "assessment" ("package_id");
COMMENT ON TABLE "assessment" IS 'An exam or a practice.';
CREATE TABLE "assessment_section" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "position" INT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "instructions" TEXT NOT NULL,
    "picks" JSONB NOT NULL,
    "assessment_id" UUID NOT NULL REFERENCES "assessment" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_assessment__assessm_0ab733" UNIQUE ("assessment_id", "position")
);
COMMENT ON TABLE "assessment_section" IS 'One part of an assessment. They are replaced together: an attempt has its own copy of what it needs.';
CREATE TABLE "attempt" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "number" INT NOT NULL,
    "state" VARCHAR(16) NOT NULL,
    "layout" JSONB NOT NULL,
    "navigation" VARCHAR(16) NOT NULL,
    "overdue_handling" VARCHAR(16) NOT NULL,
    "grace_period_seconds" INT NOT NULL,
    "pausing" BOOL NOT NULL,
    "passing_percentage" DOUBLE PRECISION,
    "time_limit_seconds" INT,
    "allowed_seconds" DOUBLE PRECISION,
    "time_banked_seconds" DOUBLE PRECISION NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL,
    "closes_at" TIMESTAMPTZ,
    "paused_at" TIMESTAMPTZ,
    "deadline_at" TIMESTAMPTZ,
    "due_at" TIMESTAMPTZ,
    "warned" INT[] NOT NULL,
    "flags" UUID[] NOT NULL,
    "furthest" INT NOT NULL,
    "answered" INT NOT NULL,
    "submitted_at" TIMESTAMPTZ,
    "submitted_by" VARCHAR(16),
    "graded_at" TIMESTAMPTZ,
    "score" DOUBLE PRECISION,
    "percentage" DOUBLE PRECISION,
    "passed" BOOL,
    "result" JSONB,
    "assessment_id" UUID NOT NULL REFERENCES "assessment" ("id") ON DELETE RESTRICT,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_attempt_user_id_1dee64" UNIQUE ("user_id", "assessment_id", "number"),
    CONSTRAINT "chk_attempt_state" CHECK ("state" IN ('in_progress', 'paused', 'grace', 'submitted', 'graded', 'abandoned')),
    CONSTRAINT "chk_attempt_submitted" CHECK (("state" IN ('submitted', 'graded')) = ("submitted_at" IS NOT NULL)),
    CONSTRAINT "chk_attempt_submitted_by" CHECK (("submitted_at" IS NULL) = ("submitted_by" IS NULL)
        AND "submitted_by" IN ('user', 'deadline', 'admin')),
    CONSTRAINT "chk_attempt_graded" CHECK (("state" = 'graded') = ("result" IS NOT NULL)),
    CONSTRAINT "chk_attempt_paused" CHECK (("state" = 'paused') = ("paused_at" IS NOT NULL)),
    CONSTRAINT "chk_attempt_over" CHECK ("state" IN ('in_progress', 'paused', 'grace') OR "due_at" IS NULL)
);
CREATE INDEX "idx_attempt_assessm_c51a4d" ON "attempt" ("assessment_id");
CREATE UNIQUE INDEX "uid_attempt_open" ON "attempt" ("user_id", "assessment_id")
    WHERE "state" IN ('in_progress', 'paused', 'grace');
CREATE INDEX "idx_attempt_state_deadline" ON "attempt" ("state", "deadline_at");
CREATE INDEX "idx_attempt_due" ON "attempt" ("due_at") WHERE "due_at" IS NOT NULL;
COMMENT ON TABLE "attempt" IS 'One attempt. What it goes by is copied from the assessment when it starts, so later changes do not reach it.';
CREATE TABLE "attempt_response" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "question_id" UUID NOT NULL,
    "value" JSONB,
    "seq" BIGINT NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "saved_at" TIMESTAMPTZ NOT NULL,
    "time_spent_ms" BIGINT NOT NULL,
    "attempt_id" UUID NOT NULL REFERENCES "attempt" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_attempt_res_attempt_029c67" UNIQUE ("attempt_id", "question_id"),
    CONSTRAINT "chk_attempt_response_seq" CHECK ("seq" >= 0 AND "time_spent_ms" >= 0)
);
COMMENT ON TABLE "attempt_response" IS 'The answer to one question of an attempt, under the attempt''s lock.';
CREATE TABLE "accommodation" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "extra_time_seconds" INT NOT NULL,
    "multiplier" DOUBLE PRECISION NOT NULL,
    "extra_attempts" INT NOT NULL,
    "opens_at" TIMESTAMPTZ,
    "closes_at" TIMESTAMPTZ,
    "unlocked" BOOL NOT NULL,
    "assessment_id" UUID NOT NULL REFERENCES "assessment" ("id") ON DELETE CASCADE,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_accommodati_assessm_e4e108" UNIQUE ("assessment_id", "user_id"),
    CONSTRAINT "chk_accommodation_numbers" CHECK ("extra_time_seconds" >= 0 AND "multiplier" > 0 AND "extra_attempts" >= 0),
    CONSTRAINT "chk_accommodation_window" CHECK ("closes_at" > "opens_at")
);
CREATE INDEX "idx_accommodati_user_id_c73472" ON "accommodation" ("user_id");
COMMENT ON TABLE "accommodation" IS 'For one person at one assessment.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "accommodation";
        DROP TABLE "attempt_response";
        DROP TABLE "attempt";
        DROP TABLE "assessment_section";
        DROP TABLE "assessment";
        DROP TABLE "question_version";
        DROP TABLE "question";
        DROP TABLE "question_bank";
        DROP TABLE "package_access";
        DROP TABLE "assessment_package";"""


MODELS_STATE = (
    "eJztXXuT27a1/yqY/SfJjLrX3vXazrrTmbXjNNs6dq69uWnrZrQQCUnoUoRCkCurbb77PQ"
    "cAKb6X1OpBUeh04hWJA5AHIHDO77z+czITLvPk6VXk8vCtHwbLk0vynxOfzhj8UXJ3QE7o"
    "fL66hxdCOvJUc4rthixpOJJhQJ0Qbo2pJxlccpl0Aj4PufCR4JepIC53yWJKQxIK+FfMBm"
    "QsAn3FEb7DAl8S7kKnPFwOyEz4DP4JhMckob5LqDvjvnxFFgEPQ+aTBQ+nmnpBJXGh+Sk+"
    "iysceBjuT3Y37D/9f/pXIQw6ikImL//pE/gfsEMEQ+5ekpspI5FkwSvyHlqr0SmZREyGag"
    "D8HUITuZQhmxEeSuaNT5NOgIG6ixkLp8L9ShKcM3M/pMGEhZcE3nNG4rfiyYsxd0Bk5EwJ"
    "POktPsLlH7n7p1tDPGIwNENi8zLOlPoTpIG/KfnLpw/viRj9izmhusJVo/jBxiH0pp5Lwu"
    "OY+xweTizUNEQ+/y1iw1DA801ZAJPx+Ve4zH2XfWEy/jm/G44589zMWuQudqCuD8PlXF37"
    "+efr775XLXGKR0NHeNHMX7WeL4E5ftI8irh7ijR4b8J8FtCQuanl6UeeZxZzfEk/MVwIg4"
    "glj+quLrhsTCMPF/nJH8eRr6aGqJHwP8/+ZB4t1Ww4fP/hZvjp7c1weFL4JvARcuvVXILZ"
    "w++J+yEy6j+/635XDFFXT3CANz9cffz6/Pk3igVChpNA3VTsOvldEdKQalLF9BWXaVjk8n"
    "fApZDPWDmnNUWO064hOY3/WIfj8YUVy1fbSMzMmF27ZfDN9Y9vP91c/fgTdj+T8jdP8enq"
    "5i3eOVNXl7mrX+v5ELAj6t0y6YT8cn3zA8Gf5B8f3r/Nz1rS7uYfJ/hMNArFED6oIXXTPI"
    "kvx5egaWpazbbT5hNK0zziQzKfyQHM6oOfTYafOG6Bm2+mNKjkpqHI8RIe7gA/jpMZ/TL0"
    "mD8Jp/Dz5ZMatv7f1UfF2ZdPch/Ae3PnTN3KMlgfYW0YvKJYi8EdW6ZZ/j49a8JgaFXJYX"
    "Uvy2J90BdZfMO+hOUsXlH0gcV1+/vbv91ktvaYkV//ePW3bzLb+7sP7/8cN08x/s27D6/z"
    "ewYKR23YnRBYbq/BbdeF7Vu22qJXJD3co58/a7CFPH9WuYPgrSyLA/YbqiulYkU1l7NUPW"
    "T0+fMGjD7PS4MrRuOt339HPWh8l5LR8cKIOncLGrjDwh1xJqraFm/Nzmb5K9SnE8U4fEN8"
    "fqP6f8fGLAiYe0Pl3UkJNJC5P6gDB1zTchjGTRvAA6CCUlBbZzPUsl31FyrHCwqc11q2Uj"
    "YDsUAtE/Vl2PbC6Sv1J6yNiBHuk4/MhbvC95ZkRu+YUkrHVIZlyMCWRywHBYKJ1Foz8gZ0"
    "ebgQzRiOuNK5aRDQZaxnw7PN5qDh/wCPIcYIQHCjrHsUtC33FTx45OMLIMIBHavroPYL+K"
    "VecSGCOxboXy6HJ1QE8EZCmEE8RqXCAQS7h5ZB5KvXmApYN0CHby/uYGQg4x65Vc2H6sft"
    "K/3qChQBkhldqodApo0YgaXB4NHMMGPKPVgVFN7mE4OXmK5eZsLvsf/5K7wgQ7qUZjApZm"
    "wk3CXxhLiTFlnojopUjSyof1ucE3H7Hp4Qm1eXcAdpJVqa9r1g7q5FSxf2mfY42YrKYmXd"
    "xsr04Vqc32u/6mtaUeTmFvizrdl8sq2taoJP8Iezp89ePHt5/vzZS2iinjK58qJmtq/f3+"
    "S+FiUXtDlgEwILOpZwUktYbTefHOkGdqDD4fDBbUCJRNx2ljOEdo67PMegCotWYGBCYMHA"
    "9hKbEzDkzRqfVJbSSm6d+6g6gpO9vWd+eFICkOkbgzpkjCVNHkTEPviMeGICj0AU1Sn5K1"
    "uSr0Mx586ASPbbN8p5BMEWtZ6I8MntF+7ekq+pT+CPl9AgYGRGXUZGGpWZ8QmsVxigCIdt"
    "f7hHwDbqKVpZCGOCzWi9D8M2h2gfrAZwYLqL3H7NJ5VqkSHYnUq0TX5rrejbs7Pz8xdnT8"
    "6fv7x49uLFxcsniXpUvFWnJ72+/jOqSpnZKOpOFjPbJmZmXZ36IgRk3BqWbcRq3drK1Gug"
    "oHBOtOF03L4Xe9MumN0RyfbaZbO5CJnvLD8yRwRZIayyUa3Ey1fNh8Gq/YPir7K8srm3jK"
    "2YsXl2Qu9jF+o7kFDFGP5Az2bt1X32jExFFEgjvuKNIXcH2PQbtOI2lIZ3PvojhGMzShvc"
    "NUVirZttrZswmW0ENdO8F3vhtt2MdIRDG+6uKHrI4M0LwnMa0JkcTqmclil4Pg2W5XzOEe"
    "aYPVqGTB4gu+u0NjyZ02c7cPX19furj38vP9zj9unN5PXfb95eFTzp4FRpI0wlBFZytWiw"
    "VQTjS12Rmd+Jydu5cKZlonJyr1ZC9sRkyJJmjQRjGYqAuQQ25RBFUBQnVQ+XBOMLA7EYgP"
    "TqswU6BaJnuWqBAs2ISqb87YD5uo9xIGZKvp0vy8XgLY61YUe+SnSyVNJdE5zcLxS8EYeN"
    "atH2nnpRKxQyIeih9NUr5+6fWMCFy51fRFDq3J25X7tdzU3L4SJu2sC5m/moMMO04hYS96"
    "Ack1EtdiNGfBCAXmF4tvJA9oRzJxNHYuVrjR7JZV7cm+z6ERvSfvH7DhmoNqW0VO9S1inT"
    "CnPb2SVvlNm4ZHu8ie3J1ftiYnJuJsJNGVU7FgpRivQrifb3U3IdynTICW5XJIJVhbkduD"
    "NFU3zEfAe2tWg2YoFUVncVPlEuv21rILtXWmN+9zfG3RnzO7KF/SzVt1jYwdT12g0sils8"
    "uH9doZwlhY/ha44KJituPSVtSgPi2IxyT0fEmaBcnUpGErHwUZsE9rvwe4DhYsq/iHtkIl"
    "ich0bRDx3qC5871DPJbHQkHvWTPvV6HCgfptHS7HBzJuaecnsi3Df9zamUIDy6Cuq8XCXs"
    "AfFRR7o5YgZdYx9U2398IqJQcpclSYTIPBD38CMwfapcQpfk2lcbLXQO72VUaerNp3TE4P"
    "VUep5buLDA4Dc6E/4EW8xMHzKScwbfkKtdu/E9leSrr0u0qMBtGVuXHNzOdb6hSx1op5gx"
    "4z7x+DhUEm+6Y+xgGDAqMdmQYiH2oqdQnRDCi6P4HLRwMQkbxmyuovuGanpX4YPxDal0fW"
    "wcRxxiTCFM4gDjJsM4cxAsNl/qnBlHF943jGAu5SlyjIbKGvbiwKxhKF543G91nqdp+oBq"
    "7yKDBxdtjAameR+Yu2uTwRw41mo1JwR94HZuKTeBwJ5WQ2BPn+fXMRxLtG0+pTRND3n8pN"
    "F28aRmu3hSzKnEZ+zfLddxmmZ3cO7JzzdvtnXibdtdARem14rHK4odcpj5u2Hw+UUTwPyi"
    "GjC/KDCY+3clwe6YJKOCvzFBHuPjTkj+C6Kv3JoSm5LsRhH3Qu7LUxxvH/IcMqj+YMyfgT"
    "nBDzvIH4yojLTbUGKCHa51nUN1N+t986ejVmbvueTAA9CA2nC7jHaHjAdOhaDEyUNlPajs"
    "Yw6MW4/55dS73ONB8V5inpzD5T+TiDbHLCyBLIXwGPWrJqBInndSA/pt8T/W83fso/bhw7"
    "vMNv/6Oq/g/Pzj67cwE2oioBEPU4ildZRqtvLhBd0Pvrc083wgtjazJGsDaKK5u+asZynt"
    "rHdl1kssrObpc1JGa9FitwfaztTvs4smaiG0qjzL1L0yOS4xSrQX4zKkvTN7boXnaD5pa1"
    "hO0/QPWTpvAiydV+NK5wVYKebXeku7nHojfO/Q4v62Cde/reb6tyVBGymTZCutJE/YvzV+"
    "1gg9PatBT8+K6OkYBh623UsyRD08KC+aMPqims8XBTYrs3iRxVeY/bYiFiamyPF3R7ieca"
    "WI/RlwP5Onf/TobOTSP+0D50OL1udfc2yVIQ2jVtnQVxQ7RCzQ4n/PDhWuyLljtFWfSsht"
    "ErfuqExFTbngJdPq+yoj7t9ZfNHoLL6oOYsvimdxhbdRkf2V7ow1PdgUrnkc0FgRWMCh/T"
    "rAUGkHdm/r8t6GszAU4+GIB2GJfoHzXRFSkSesm+dezTHOWyGw+77FpmRa724DenogGxC9"
    "pyENhsqa1rKIXYHSZpUucUsvZXWRz9+LgPGJ/1emVbFreBzqO2XKrdGKvjfdHCRjV1dXjx"
    "jQReJiXLK4gAO6ugnehscg739+9+7k92qv/3REhkRhsERHe20ov//rR+ZVOb0Zhn/SvRwg"
    "sFDF9MxGIHw2xMNjqErPPJJXH3x2A33dYFd9ZRhm10IvAGjmluEqbfj10fT1Bn72lV8mWo"
    "M/llfXJuqjT3xqFaGU3tigK9j2VD3Zaq7i1yjgP032OOzw+6S/fhwuv7eM6Yp3+pKwrtQh"
    "UB3ZJVONGuWddtk9dximeDahoHERLi7jJNG8Iod0M9LSUDBNuiqXToAbPpYeD8kMBBvE+r"
    "FCOT4+Aq8m/uvLnIPEo4qK/WIKiqlAqMj3MPBLFyUP2BgaTWFwXdg0Lq4WhVP8eB3jy2C6"
    "UKFPxnaSqk7mURmmasfrOnFclZUfYbpAh/mPTiNgI5h2HsFkXZ8qGX6gTjDW9ekYZ72J65"
    "M+Ytpg9yuKHdrGdmMV24rtnM/bcFe37h1nNx9qtBJzWgPyGcoebleHuz0VTyUUMYeSMX+N"
    "ic7T2qnu9FQH7F7crSWAZCmtba3Ls5zXMNvOdRm9/bA7PeXdycff3Uld32gVZyl6pLUqTo"
    "d0mCx90FyVWlAZO9Wbq09vrr5728xMtQnDy0cNvPXO8LLNFF4ZnpVgvnmeVgO/BvbUJrTm"
    "8K8hI4rslCAUoDJyoRs5oql3bB5eqoxYiBTo9IFqTOJQ3xehyahFFjycaqxU5xgMWDlmvO"
    "XxLBzbtf19YOHYIwLmLBx7jLPeBI5VG37rsKYsVe+iIzcPHoI0uNaXJS3I0MGvqLh5WnD4"
    "KKbZuHG0xBayVBZeqIcXUq4yj0QY+ueeOciBDNmV1RZn2KYGnXH3LNGg8+6g1Rp01gu1uQ"
    "qtmmOS5/MzElDfFTOiiuSto91GWEfpYS16u0OWe2yBEmfSRWs/KzoSUTggMnKmmMY7TGX1"
    "Dk0rWFZjHsykVc2tat4fOeNAlTSrmh/jrDdRzedRAD22S4S9Iulh/ovzsybZdM6qs+mcFZ"
    "I0W/SjyGbrOtUNFarj+1Wp2d2CXD2eX5RKi5NbnQo8bt+NTOA4bG8ygVsPF+vhsm/w6REe"
    "LttEnjIBi6XxetmAxrqgvVwsZbO6kimHQREQ6F7VKDOVvMorRNaTlAI/klEPzk14xoCFOm"
    "JPgsTKXKIvDQjznWA5h2WXVA1TsE86zA4RKbgmERNyTalwPpmGr0yQXgIZcUkQlKLyDouI"
    "i7ismnZ4DtlcPwAe0QR/xrXV8L7uOtTxeqoUHcOHgnljHBEn7N7Ht/YJo4HHsTKbzxTsRR"
    "FOoxPKbVkyC1X1SOg/UNDCQlXHOOtNoKrMYVSc+OoqeQXCXsBWdTO7jYJ56ZO99Wabo7Uq"
    "eHe+s6roNJCwitNcV086Q7ZWxrOOzenuikp3U+veK1y8QZ27jYr4kH4e57TZsnbeBdZvWD"
    "d/ZKxEKlFVaaxENpFVXaxEKn1WM30bvS5W+qXAHL/a5UEnCAdN0mEqKEFEup42jH5KrkP0"
    "wyAvnyReGqAID4gUuhtQvD3grfbVWHDPI64od/jY3dAluu/n9Czjk2iT1K9WJ7Y68eHJzA"
    "eqHVmd+BhnvYlOvNqRC5Ne7VqQIeqFLmwjK6zGa2P5u6V1WUtnLyydSdrbEq0rnRK3WuPi"
    "6VaNlK1Yu4Ge2ALd0slomc8zOqNL0IxmrDJDadtOyg2g0ehfzAmN87tKGBqIe3ijgDjU87"
    "Qypi2or4iP1Zkxdak/YSt/epW9FKtlaPNlxk8+02EoPHdgsozKqVhU2iM/n8Q02MA8olXJ"
    "rEpmhXOrktlZ37dHfWpvbuxSn6KxClkDhSw+9FrwOEXSQxafXVw04DG0qqm1fFFa37oNjx"
    "9XQbxjCu6OillbvdPqnVbvLHrYwhzB6/1ZM72qLEah0aDW11Y3H06y7RvppCuaAaG+SyRX"
    "pjdTigJ7lqdKwZvyyZTJMPEvVSoek0xZ6ypiujfZ+SMcWLN8yX42lW4fWaLNVLrbb6DaRk"
    "rdVSuDanLbagQJUQ+VgcMV/rXO9yiHk83tmD9BL3RS6h4R36rdHanETB8z2EuG81T7B3fH"
    "q4TOoFo0YESMxwzjBOJtqLjvNSMrReVAXXIjJ4RTywBz6O2ggbORiCbT0OyiIV3qPVICO/"
    "R2qndMLF1kcLpX5D3snPByAYvROnV/SGcIH16Sa5/MOMYOwOcCjyrG5FY3cKIgYL6zvLVx"
    "AxaQ689ufKDQjAXkjnHWmwByNHCm/H69tPxZUmvE7840F79uW5l7I5W5Qx6WFYquyVQSE/"
    "QRVt1G7ax5NPI4Vqkscvm1EB6jfoWVIE2XY/YICLfF7eTKbjeg1x8+vMvsPa+v82FKP//4"
    "+u3Hr58q5kMjrpGr4ppOP1yB59WBYzmyHtQv23nQGDBmIoJlm/0kTdM/O8LLJhvKy+r95G"
    "VxO0mpqyU7Sk3EVp7SBm2tG7SVRQTamX7zlP1b8+cNlvx5dUa14oKP4Z82uEmW6hH4SZ7V"
    "XYjVWgseWXFULPzWhsg0zXYtkYfBzxpDpGJVpyyRXQwnTC+ojCXyI6iGH6/f3DQrZ7WCsR"
    "9Z02oFUB/e/lvF860WtDJWhivHAb6dVJshTINBnTHCWCCGdNX2QUPEp7Rb74hNsFSUSW4N"
    "f1Ji+jT5hnSyIQX7k5/oUhsiFgHoENCAy1dAELBx5LsqRZBEQyyyqWjI2M2w5e7JIgocZo"
    "wgGB3KXCAYqEFV119J7I2hbMEwpRI8kd5kanyLDef1hxh7B1jv4n2f1taYcTywtjVmHOOs"
    "NzFm6B2/jYK5oughPrt5NMXW6z4GW1FWyGkMIWSorPvtAXkzHzyGkHLJeiSKkHIGO8xl+i"
    "CSkP1Oy72a8wvXwjOH6Sf+mvp3JyVYg7o+qIMYgPkSmTUcxU0fRBj+15AoN0D0wcacyqBV"
    "K9V+xDzhT2o8HltTW5/Crm3QA6uGH5FCZtXwY5x161No9UTrU3iySZ9C9W+Bj9WYVdy+h4"
    "jVVjwKrX/bnvzbrOOEdZzYu2a+IceJWB9+pNtErOUe4E69F6+JhF8lIEaalw8DGc0wDIw3"
    "jylOk6LeVN5J47GAUY73LMCa7/KVcWVQjgtjgW4Jo6VqB418tsBYdNP2K1ke277FsSw+0r"
    "W9fGDxkSPSlC0+coyzbvERi49YfORkk/iIEWtasDJFYdlZwc6WenmWynp35OOCkRMFdtaE"
    "BZv2PcTwnj5vAOE9ze/LKwQPb+WYSyclavdVENBlBXcNQY67u653juPtQw1BdO7zr3kUlI"
    "/H3IFHaBWAl6Wyq7XBakWHiZaba4rEYp4WQ7YY8uFhyPkdYAM8jZ20+snT1J73CFg+hkc3"
    "g8r/30pvOLBDba/gfMy2Gow+xdkGPocp/a0ZZG8I0HWQJpj6K4OWpyuPuOUwfAv60lBDoZ"
    "5GXpIPKo26VFUnyS13b1WuxduQfQlvMXpxRoHyy1eS6NNKmqSKgVhIXQEFkzG+0s+h2xLh"
    "e0vT7I4tTTgjPFbAJ9OQfK35+D+rwN7/SdioDonT+fIbQz5jsPjdS/KDWMBjyQW8tMorOa"
    "PBHXPLupKOQDZhHwPzTnPKA2leay5w/VWmePy8mlH9ofvRbAS3bLjkvuUra4c4HkTa2iGO"
    "cdab2CHMdlyY8UpcdUWwO1h1m1O76eSAFgTcHqwiQzYrMrfafS9u3wvm7txzb17h6/SXTx"
    "/eV4AuK5L8KcCdkPyXHAv6iiyqn5A873M7O3aQnxBUENrMRtzeTsXGpwKUsDYzYZrvfiL2"
    "sx1theVacW1ztK4oerH/b/twVUp9m1WdENgNZuOrXaMqJQCyJ2hVrtKEJDcfY6Q5wAVfw/"
    "PvPvz8+t1b8tPHt2+uP10b/idqlbqJl1YZjz++vXqXP04VIEzLUnlXS5QZIhsO0lqonDGX"
    "0zabTEJgN5mNbzLWp8L6VByOfJKzIzS1COTIrNdavTNAOlTmkbbrHsY5DXIG7Nziam3E3q"
    "ZlNpWdt8Qom83d26TmnWr3cK07n7AvdEZEgDlWsS13Smp6ljcrr2WX5Cq6TAKkuEwK4XE/"
    "LlBn4qJWZerQ2jD0+IyHQ8lgLl15aZpSSVQyGfgX08x4/I7JAYn8kHvk1vEEvPOQhrexzR"
    "Q2NhqGbDYPVz34S6Kh8LgmHo0kvBw+ozJ+QgtiiEzeW9VEWY9VZtppNB57mJpWmVST2EJj"
    "VjVQWvwIAbvnbDGcC487y0vyeklu3QiZeTsgt3QcsmAooxG86eq3eo3bJNOunIqFX2bfha"
    "0Bvp20jXgOd7EK7JwFDrQA5sdv7YtwCndS5QSxrbGo22Czru3zA2vkPSJznzXyHuOsNzHy"
    "2mAzG2xmg82a2/BtgT9b4C/D7eSKLfBnEe+TVoi3LfC3/ZT0qNS24W/cfofLGdGObS3prc"
    "deFnCUFlJGOXGPCiluTOzA8kRyDRE9TWfl8y7L5wmy2BpySRPaOe7yHKfB4hbbZJ7MbpAl"
    "G+Q9C9yIDafUdz0cuMWRX0a7w+Mfl4wG6A9VCJhAK4YmAS7cNcSAKvLdoQ9PDmSV+/SeT2"
    "i5olaXEDhNtcOVjfa2Q13TxmbXFoRYUVkIogUEYSyeRW5Xe3+lSLrh/4XD9sb/K2NUbjMt"
    "BcK9To7xaFiZtNN//tGjs5FL/9SbSSsa54szV+clXEq+psdwx+TNLTsMgwjjIuvaRyIUKX"
    "d4QE/5ZMrkwcqdur41MLMdxJcj6x+K+vxZA04/f1bJabxV4WDpiMgvgSgqZfsioZXqC7qr"
    "zWG10Zxge65P+vDWcBgstWnBdpsWbB9FSju5Vh9TorRdejDJnA0U7fike9nWMbYHhmelrE"
    "rEug2TrnQvfWLSNj304zVV4p6fWm5NfPOHMtW+Uba0OQ1ClWLMJyltGdOPLVU+sIDNPeow"
    "N6m3epl2aEf/byw6gi7ljpgvsae4NonPmFtR6WTbg5bHD3DnTl5ma6t8ffsTXL39pjprWY"
    "q3RlgQkisG2sxl+5YCrVP78bg3W6f2Y5z1Jk7tyYZcmPNKoCJNYrOXWc/nPXg+cxwwqtJI"
    "qh1x83TWE7e1J64SBNuYuRKCbtgee5V7oiBfN5WTi4K5jeivxfGyEdyPRJ2yYeOHyd4Hoa"
    "fCEsugT2+uPr25+u7t3sL6DcZSFtO/gl9qQINUo0ZIgSFYVSedCCZN4VFQwzmo6+NAzAjo"
    "zimtHjRzhtVLCayoIJQDIgXxYKnESdQlcQWGk4POT50pNCxHDHY1eClyoOP7L8mHMfQPA8"
    "5ZILG0avxU+Ie+sxp6oJ/nqQml9+hSROEqYTuVdypnATwhh5FF4MJDlQTla7pUTH5ZLgPV"
    "KSamX46EuyQTFspX5JZ6nliwxMnOZABIvYBqeJpE9BPVa3oYLMuw6sCMo5IXSDKl94xM+D"
    "3wF9czcnZM4xwIiZuyyoLgq1lZwMcuFuYWGYsg/SiGzgUlxeM+y1LisyDPorlJhq/zJyR4"
    "kJlkmR0ieTFkTNx/lOsamsKzI6AkBRrlMadBKGBVXMIw8I36cGGgWsaPpn8x3y3rHymYSk"
    "+Bk2ro4blYYHg1wCk3/CQjBlxgmd5NP+MoCNFWr8sA6OWHr45N43tJaQK4CtOygHfQefyB"
    "M8BcnY+BoLvrgPzhqV6hDMaccB+fyowUk+hCADPMZpFkoNBzjMCbapRkoMA0EWYxOLDx4I"
    "Px0uIDqYwSAyLgPDGpOdANojpXxOcTmN3YlFLYgm3ZgE7IGQMLvh0RDGPBt2Oc9Sbgmy0b"
    "sFngDQTVsBXwlhDsEAji/nAeCFxFclsn07a9CbVc3QYEWlHY9N2PwHsOK6plZxjz5lf44Q"
    "bJHTDTbXDcjs5JG7G1y4gtG2uyzgRsItbEptzYyXaSw0pbre4SWru0my7tLMTciu8V9Lss"
    "evHkdFvn5ZZ5r+wha4E1WcoegjWHC84UMTmbZ6b/c6yNYWvMcYbQznGX5zhlF207yzlSO8"
    "+dnudorSmO7Owewuxq74Di7NYUWlqRHGmpJVDVCpWWxl7belUJxZFyEY32RTYaR5IWgEKa"
    "ZHeY5B8OJV947EzTgqNpEovyFqyhKlPemopqjtaejV0+G1ezNWqVITtP17/8LlsxUrlrfV"
    "IZQvs9dfp7ckTQzkiTUFjwugGAuq4lzFrAWnNaOTIXufyAoTcmWs/Oezgs3qCVV7trFzld"
    "l/8xpniUT9ThcPuoQ+AOI5NVxidZts61liKxAYX1AYWR7FhesH2w9MEgwtSCapAXrNNBml"
    "1MD1Yfo9kuQxis/DmMxx6Z/eqj6aZHi3qr6a8SfpWEsqZ5+WAs6zBIt34wqBVj6zT+hjF/"
    "WP85Cakzual0t1gQGsMzVWypvvQV1o127oqxqhvoszQE9Z56EVZfBs5hvGOQistToX8hvW"
    "NwYUGXAyJ0t8nAqVDAuOY0++2SYEAKocRn2Ac+KfahM2up7FtxW9QLV2mzdHCpL1SkaVJO"
    "WoVypuIZdWJwoioS1eTWMtOmP9x0DXUb3rdvIcqG9x1PoJcN7zvGWS/BEQvhfek9ucU+my"
    "OzilROL1WneZGhV/7yL1JLlhl2Js0tyrI+ygIyT4lYzyeVpllD0Kcw1W/Pzs7PX5w9OX/+"
    "8uLZixcXL58kFtrirTpT7evrPyN+mJmJEvPtzo0QR+bFTe/XM42n6Hp4Hh/u+VsUu1SQg5"
    "wjvDErgyVq9q8CaW/8S3a8jWXV1MbgfIbKikAPJKdbZSN7LOjZu9zzgzzkmVlZncpJ5zhi"
    "Bn/TqnT22QaDWkyv0PRBQA/WigKyTHozGqpfqQzzBbjuQYpSMI59gQcZ6v01zo125boqX7"
    "2Cv1TM5YDQMaaau53BKuFzj7Pg1mBqcaXuS3Kt85ApwC3O8LUa/iuE2oDFl4XrmPz+lNwm"
    "cTq3hHr8LsbsIh+RRMzqpVLqz+hSJ/5SKeAwX1k6Ixv1XfgTPqVIpwjTFbMIVswaqJu+0I"
    "nRMqnb2KxFzvzYBmJhvX3roBbWOx6Ax8J6xzjrTWC94gFWnP1KvaKcuDfKxcac11fHfisI"
    "JEu2Sxzk6aHiIHpFVpeuemAppwntMi4UrDSyatvzIU1nfcW7cxgUZQCbJaD/cxxrhCUQYp"
    "0fdZrMZsxq4Ut9KD69XfmgeuLUexgu0nU4bJf9T7uJxjYrEpJfwRtgb78LKlf5Te8Z4v6e"
    "K6YWkG11fVAHaI/jFo2qrWDrU3IdShKIBTpahsrr0/hYopPmaBkyieVSNUqLdRUQvF55Ya"
    "paquXlVDbWeyk+HjAqhY8+o0t0GUX/1ID9izmwRAcKPjbVW7WTLMIssa/plJ5dPDeFVph+"
    "BlUyY8q+UJc5fEY9jYiTyA+5lzwHoZ6n3yGuaxGG1JkqeMqU+1gV+BixCfVxZFhi8CgxxK"
    "5rUwRsJu6xuAhx6dIg+FwXuqgCvC2obUHtwzvfDhTetKD2Mc56E1Bb/VuY77qc8rPeViy9"
    "uGiQNAJaVVcsxXs5bzP+7xL+1npQGoregKo7djyaMZdTzbYW6zpL1cPV/bRRPd6nNfV4nx"
    "br8c6jAPajVoxOkfSRyxvPO4OlaqIS80x9cZto12WO58x3TZGAQ+SyVr6KXK4uKb2i6EP2"
    "pDqJZhvVpLXO2mpVJxR94Hd2PT9/1mA9P39WuZ7xVn7XgHYTNrxj7RKDZck2s388rEEf9i"
    "GYQk3aak45UmsN7I6mVFSQFfbW0oaSprE2qXoriuJVpxD+TppO0kuqSxj/azR6n5SA/PrG"
    "oA7lHyVNGsH8xvEcK1CPtKmdUPS3xnLjPuP4B3GoTxYBD1nsXq7uGwQ8g1qXg/1bGKPU7V"
    "t3Hk+oGcq6fe9/pxpYhPyIsFKLkB/jrDdByFNbcottNktl/Wd+L+FpW2E6S2XF6Xpx2nDL"
    "CtQPCdTZZfWwI9KoyinU+iKV8NXtoKryRvj3IN5XBtxm7tcqLk6+5cP58xYCdAsx9+AeaA"
    "E8INyV6K0jApcF2m8IVQlHgBqhYk5pCM8/G8EwhmDGpIQXk0kA6oTOZUlWvW2OVKrLKO8z"
    "T6TjV6fc6jL7PyasLnNMUq3VZY5x1pvoMh6V4VBv8cVpr3NKyRFa35T1fFMUG82higJUWB"
    "oyUG10rqLvg0l01yboDC/jrarNRljagTXhdWf7Kzn1ViJpCzEzS2WxnJLIskTob8XThMpi"
    "OQ8XjQBudQpy6CSWk11WDUpHmG+7U5ztIpiT3QMfUS4ihhRK5M8W1SK+4wFzwh91Xz1az1"
    "knLlCvH8mnn2gQcofPaa+iSbdaWCO7tErQwcLaq4YHXdU0FhKbAYTofGAITskV0d+Zq1Ls"
    "wRa0lITC/0koZtATXkyy0IHWMCBSOyLEMB6WzyBpkJJM6T3cFhWY4S4HxyjIW8mwogdsK7"
    "cDcgvMYvxe/1TwJFyZe8thKG5VvCJQjvW2TO7YUl6uIhk1zqloEszSJAZMP8Dgn/5iyp0p"
    "embA42sMdDEVkmFYIzyyQ31fhGTEYseNV4RRaA/DkYWIPBe6kyHBbIDLeKTYL4R4Qtz9IZ"
    "qrTquLkmAU6VBhrpfkB7EgsBCX6iIGiyqGEh7zkoZkhuMl7+Qz5io2qJrSesjTVb9S5S6U"
    "OlRVDkzRE8UlLJisokbjIaph3DTHzIZvVH+L4+5b7rY47vEgehbHPcZZbxS1uQaEuw/0dp"
    "uzu5/iDLG40uZ4yxBZqKMQepUIfW2YmiOzbM2xdQ3rwmMNCgfEyK1YFGJlpd0yXtE8Yg0f"
    "js2gxRJmLl9PtMkQWotMdwSZovxqEIY1JjlLaWe5y7O8wjyKs/xpRj2vUmrNUvbG7+D87M"
    "XzRFDFH3Wi6acfr969K8qiJTBN01OnhNQKUPUmuLyn5yOtRXkX08Nk8YNmo5KF1iVHYAPi"
    "V6UnTN8e1OH8sRdI+2yFGiQ39AOE103uvwWm3zN/gwIZvoqvxEkANROVp67qaaDrSc8iZ6"
    "qx+uokhtscVKH6atdGEB/uZUF7UwiHhibfYTUKHfPUbE9CcsU7C0HvW0CvhqDNtLfhe4rE"
    "OtbkkivFS76lyJSm6xPUtwmZyaa7s+nuegdK24x3u0v2k5VKmp5yOVnGqlq1qlbKXeaRWl"
    "Zf3cQGOTUru766pGGlHdBKNKycf1q1hjXPNXw4zhI0FHSgQ10nVayU+zmfpEtV3lP7yCj3"
    "JLQaa8egqVjo63eMzWOPmWyI5RYGUQpU5GMLDXzdmlTzxq8Kx0r8gVTeGbhtBh6xpUC3KR"
    "WaoHrQNLda5dI+VGHs1nVKfsGrSkcLYdB7Ljmw22htIb6GKrOq+v5KEo/L8DL1EnEaHCxa"
    "xdyCsxX0EZAJ9JOomthjS8cjWwS1G9v1oEbts55H1RLJYfqgWM+jY5z1Jp5H6YOpOO+VWl"
    "6erDeGnI1VjMwf2e206DLq3vB41+p0FJZld6kt+ZfQ2Hp/ber9Bc6U37dmdprM8rsFv42A"
    "35LdKSrL7Rbctvb57ccd24qW1tuhOzBcY28HW9dyQ3Utm8QebxPevPZH4stJCbCpbwzqIE"
    "1fhHzMHbNakvYtMmB/JbEc5aoS5TgQM+OaEciQpAcgyu0ivuNMBXcYEf6rJIKTh6ocJJfG"
    "HcQRM1bhQrKrwUvDJ50p9X1g5aUGL9FTxcEATl8n315wiQGPVEOX+I0QSTFUdLRUv1QqPB"
    "9/mY5UkKSCMXXCbuGbeMrfIs7CITxegGNhzOQtfINBiIGqzI8DVBGh+Lfw2a2tc2lxS4tg"
    "WdzSzrrFLQ8AU9sYbhmfx0Wm/uXTh/cV22eKJv8ZcSck/1Wmxm1xNnWOjSLuhdyXpzjsPk"
    "4v5FHmCyrEoeVDznKfBnaQj0NLSS5tZiVH9qiJOZxYmq3MQHewib0WX9sgNNFGvXtItwYd"
    "5kbAf7asWXeB9Wsr1uVuQ4/Sld+nNMKTEpU5c3/QVHNurjOHU2CYdoSRoF+OhLtU6mMovI"
    "oaULUUpdopLp1LgrRiTG7Ni6Uf9/Tm7z+9/XRrdExUTYwiq7VPOgJ1eKCCJByPM5jMS8za"
    "PlBpgLylVTKtkmnVDatk2lnvpJLZ1gW/x873L5v43r+sdr1/WfC8D3lYZrqu4W5M0EP2nj"
    "WKbTiriW04K8Y2oHxTZHB1vpi4/Q7LzO/h7N9KqhgUF9ro5nF7i5ZsXFdXAF/7czpFZnOP"
    "dOdMLhHFOoPFdHdSH5eZvsham5b+MSjLzrwXPvgjAZ3AG37vqa+ngMnkWgzqUBmRtB2O48"
    "aNgBn0mVFeApiVAkmVY4GPSZaVlX6CeY0XU6GLcbNJpHJUTATmePYz6YwLCM7mui4NWIrD"
    "w80wNkrJAjFWJbdAjJ31fedHtmk+YqTgWROg4Fk1TvCsABPEh12Bv5VeFCmKPqX52JgPhQ"
    "zZvJWpPiHYPR5w4Fb6RxmWtyF5fwqp0gVqRG/dpKnsLZPWLTyJVVlozA4Xi8hVbr248pTr"
    "biYzQCAWcZICVfikVBbfykilVljqywVDt93XS9XNKblRNV6UFqD6DZPEB2QGuioK+9jlgi"
    "4HoAY4FBS2pKxLIDyW8jMeqDQKd2weGiOuvOPzOXNV6RXVu9Tdq4orcyolFtCBLdA0pxKL"
    "omOnulqL6l9Vq9Glaag7477U1GhoJtTDg7rS9vs5g3AAV226BKuIWJHUKiJ21veviJiTqI"
    "1slyKx1p6NW3vMYV2ckKsgoMsKaXtFk5uRXU8FjrePqUCj5udf89H7K0GmFTtzdJal6bDb"
    "2Xzdegh5WmuV7M65UBQHYkG9hfCdIrFWyc463B8sO62Rd9tG3vz3vwGWFu2zPWVuavPrVA"
    "KAKxZwZ3pSgt+ZO4M62I6u2jwE1lVzdMPxAJUofuleWQLgm+nrbGjMZtD7anyn0j5SbX+q"
    "NpD0wQS1lUzz+FG14LBp3kPubiXNeWX1yJqg3srqkdYq1Wmr1O//DyLGP3c="
)
