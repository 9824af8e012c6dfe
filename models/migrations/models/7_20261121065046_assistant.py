from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "assistant_model" (
    "id" VARCHAR(100) NOT NULL PRIMARY KEY,
    "display_name" VARCHAR(200) NOT NULL,
    "input_tokens" INT NOT NULL,
    "output_tokens" INT NOT NULL,
    "listed_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "chk_assistant_model_tokens" CHECK ("input_tokens" >= 0 AND "output_tokens" >= 0)
);
COMMENT ON TABLE "assistant_model" IS 'One model. What the service lists no longer stays, and is not available.';
        CREATE TABLE "assistant_thread" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "named" BOOL NOT NULL,
    "model" VARCHAR(100),
    "context" JSONB NOT NULL,
    "temporary" BOOL NOT NULL,
    "pinned" BOOL NOT NULL,
    "archived" BOOL NOT NULL,
    "tags" TEXT[] NOT NULL,
    "active_leaf" UUID,
    "active_at" TIMESTAMPTZ NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE
);
CREATE INDEX "idx_assistant_thread_list" ON "assistant_thread" ("user_id", "active_at", "id");
CREATE INDEX "idx_assistant_thread_temporary" ON "assistant_thread" ("active_at") WHERE "temporary";
COMMENT ON TABLE "assistant_thread" IS 'One conversation with the assistant.';
        CREATE TABLE "assistant_message" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "parent_id" UUID,
    "role" VARCHAR(8) NOT NULL,
    "text" TEXT NOT NULL,
    "model" VARCHAR(100),
    "thread_id" UUID NOT NULL REFERENCES "assistant_thread" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_assistant_message_role" CHECK ("role" IN ('user', 'model')),
    CONSTRAINT "chk_assistant_message_model" CHECK (("role" = 'model') = ("model" IS NOT NULL)),
    CONSTRAINT "chk_assistant_message_parent" CHECK ("role" = 'user' OR "parent_id" IS NOT NULL)
);
CREATE INDEX "idx_assistant_message_thread" ON "assistant_message" ("thread_id", "created_at", "id");
CREATE INDEX "idx_assistant_m_parent__696c73" ON "assistant_message" ("parent_id");
COMMENT ON TABLE "assistant_message" IS 'One prompt or one reply. A reply is empty until its run has ended.';
        CREATE TABLE "assistant_attachment" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "file_id" UUID NOT NULL,
    "position" SMALLINT NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "size" BIGINT NOT NULL,
    "media_type" VARCHAR(100) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "reason" TEXT,
    "text" TEXT NOT NULL,
    "truncated" BOOL NOT NULL,
    "message_id" UUID NOT NULL REFERENCES "assistant_message" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_assistant_attachment_position" CHECK ("position" > 0),
    CONSTRAINT "chk_assistant_attachment_status" CHECK ("status" IN ('pending', 'ready', 'failed')),
    CONSTRAINT "chk_assistant_attachment_failed" CHECK (("status" = 'failed') = ("reason" IS NOT NULL)),
    CONSTRAINT "uid_assistant_a_message_643ac6" UNIQUE ("message_id", "position")
);
CREATE INDEX "idx_assistant_a_file_id_082745" ON "assistant_attachment" ("file_id");
COMMENT ON TABLE "assistant_attachment" IS 'One file of one prompt. When its owner deletes the file, this much stays.';
        CREATE TABLE "assistant_run" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "model" VARCHAR(100) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "attempt" SMALLINT NOT NULL,
    "stop_requested_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,
    "finish_reason" VARCHAR(16),
    "error_kind" VARCHAR(32),
    "error_message" TEXT,
    "retryable" BOOL NOT NULL,
    "prompt_tokens" INT NOT NULL,
    "output_tokens" INT NOT NULL,
    "prompt_id" UUID NOT NULL REFERENCES "assistant_message" ("id") ON DELETE CASCADE,
    "thread_id" UUID NOT NULL REFERENCES "assistant_thread" ("id") ON DELETE CASCADE,
    "reply_id" UUID NOT NULL UNIQUE REFERENCES "assistant_message" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_assistant_run_status" CHECK (
        "status" IN ('queued', 'streaming', 'completed', 'stopped', 'failed')
    ),
    CONSTRAINT "chk_assistant_run_ended" CHECK (
        ("status" IN ('completed', 'stopped', 'failed')) = ("ended_at" IS NOT NULL)
    ),
    CONSTRAINT "chk_assistant_run_completed" CHECK (("status" = 'completed') = ("finish_reason" IS NOT NULL)),
    CONSTRAINT "chk_assistant_run_failed" CHECK (
        ("status" = 'failed') = ("error_kind" IS NOT NULL) AND ("error_kind" IS NULL) = ("error_message" IS NULL)
    ),
    CONSTRAINT "chk_assistant_run_tokens" CHECK ("prompt_tokens" >= 0 AND "output_tokens" >= 0)
);
CREATE UNIQUE INDEX "uid_assistant_run_active" ON "assistant_run" ("thread_id")
    WHERE "status" IN ('queued', 'streaming');
CREATE INDEX "idx_assistant_run_thread" ON "assistant_run" ("thread_id");
CREATE INDEX "idx_assistant_r_prompt__4b815d" ON "assistant_run" ("prompt_id");
COMMENT ON TABLE "assistant_run" IS 'The writing of one reply.';
        CREATE TABLE "assistant_usage" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "day" DATE NOT NULL,
    "prompt_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "runs" INT NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_assistant_u_user_id_8cb12e" UNIQUE ("user_id", "day")
);
COMMENT ON TABLE "assistant_usage" IS 'What one person has used on one day, of UTC. It is kept when their threads are deleted.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "assistant_run";
        DROP TABLE "assistant_attachment";
        DROP TABLE "assistant_usage";
        DROP TABLE "assistant_message";
        DROP TABLE "assistant_thread";
        DROP TABLE "assistant_model";"""


MODELS_STATE = (
    "eJztXetz47a1/1cw/pJkRvXdtfdVu9MZ72bTut3s5u46t7c3zUgQCUmsKUIhSCtqm//9ng"
    "OAFN8mrBdFIR+yFokDkAcgcM7vvP59Nucu88X5Tex60fsgCldnV+TfZwGdM/ij4u6AnNHF"
    "Yn0PL0R07MvmFNsNWdpwLKKQOhHcmlBfMLjkMuGE3iLyeIAEf5tx4nouWc5oRCIO//L5gE"
    "x4qK44PHBYGAjiudCpF60GZM4DBv+E3GeC0MAl1J17gbgmy9CLIhaQpRfNFPWSCuJC83N8"
    "Fpc78DBeMN3fsP8I/hHcRDDoOI6YuPpHQOA/YAcPh557Re5mjMSChdfkI7SWo1MyjZmI5A"
    "D4O4ImYiUiNideJJg/OU87AQaqLuYsmnH3K0FwzvT9iIZTFl0ReM85Sd7KS1+MuQMiYmdG"
    "4ElH+AhXf/DcP4408ZjB0AyJ9cs4MxpMkQb+puQvXz59JHz8T+ZE8oonGyUPNomgN/lcAh"
    "5H3/fg4fhSTkMceL/EbBhxeL4ZC2EyfvoZLnuBy35lIvm5uB9OPOa7ubXoudiBvD6MVgt5"
    "7ccfb7/9TrbEKR4PHe7H82DderEC5gRp8zj23HOkwXtTFrCQRszNLM8g9n29mJNL6onhQh"
    "TGLH1Ud33BZRMa+7jIz/4wiQM5NUSOhP978Uf9aJlmw+HHT3fDL+/vhsOz0jeBj1BYr/oS"
    "zB5+T14QIaP+/Zvqd80QefUMB3j355vPX1+++kaygItoGsqbkl1nv0lCGlFFKpm+5jKNyl"
    "z+FrgUeXNWzWlFUeC0q0nOkz+ewvHkwprl620kYWbCrv0y+O72+/df7m6+/wG7nwvxiy/5"
    "dHP3Hu9cyKurwtWv1Xxw2BHVbpl2Qv52e/dngj/J/336+L44a2m7u/87w2eiccSH8EENqZ"
    "vlSXI5uQRNM9Oqtx2TTyhLs8GHpD+TI5jVRz+bHD9x3BI3381oWMtNTVHgJTzcEX4cZ3P6"
    "69BnwTSawc83zxrY+j83nyVn3zwrfAAf9Z0LeSvPYHWEmTB4TfEkBndsmeb5+/yiDYOhVS"
    "2H5b08i9VBX2bxHfs1qmbxmqIPLG7a39//711ua08Y+fX3N//7TW57//Dp45+S5hnGv/vw"
    "6W1xz0DhyITdKYHl9hO47bqwfQujLXpN0sM9+tWLFlvIqxe1OwjeyrM4ZL+gulIpVtRzOU"
    "/VQ0ZfvmrB6MuiNLhmNN767TfUgyb3GRkdL4ypc7+koTss3eEXvK5t+db8Yl68QgM6lYzD"
    "N8Tn16r/t2zCwpC5d1Tcn1VAA7n7gyZwwNUth1HStAU8ACooBbV1Pkct25V/oXK8pMB5pW"
    "VLZTPkS9QyUV+GbS+aXcs/YW3EjHgB+cxcuMsDf0Xm9J5JpXRCRVSFDOx4xGpQIJwKpTUj"
    "b0CXhwvxnOGIa52bhiFdJXo2PNt8ARr+n+Ex+AQBCE8r6z4Fbcu9hgePA3wBRDigY3kd1H"
    "4Ov+QrLnl4z0L1y/XgCSUBvBHnehCfUSFxAM4eoGUYB/I1ZhzWDdDh2/N7GBnIPJ+MZPOh"
    "/DG6Vq8uQREgmdOVfAhk2pgRWBoMHk0PM6GeD6uCwtt8YfASs/XLTL0H7H9xjRdERFdCDy"
    "b4nI25uyI+5/fCIgvdUZHqkQX5r8E5kbTv4QmxfXUJdxAj0VK37wVz9y1aurDPmONkayqL"
    "lXUbK1OHa3l+b4O6r2lNUZhb4M+uZvPZrraqKT7B7y6ev3j94s3lqxdvoIl8yvTK64bZvv"
    "14V/hapFxgcsCmBBZ0rOCkkrBMN58C6RZ2oOPh8NFtQKlEbDrLOUI7x12eY1CFuREYmBJY"
    "MNBcYnNChrx5wieVp7SSW+c+qo7gZO8fWBCdVQBk6sagCRljaZNHEbFPASM+n8IjEEl1Tv"
    "7KVuTriC88Z0AE++Ub6TyCYItcT4QHZPSr547I1zQg8McbaBAyMqcuI2OFysy9KaxXGKAM"
    "h+1+uA1gG/kURhbChGA7Wu/jsM0x2gfrARyY7jK333rTWrVIE+xPJdolv5VW9PuLi8vL1x"
    "fPLl+9efni9euXb56l6lH5VpOe9Pb2T6gq5WajrDtZzGyXmJl1deqLEJBza1iZiNWqtZWp"
    "n4CCwjlhwumkfS/2pn0wuyOS7a3L5gsescBZfWYOD/NCWG2jRonXWzcfhuv2j4q/0vLKFv"
    "4qsWIm5tkpfUhcqO9BQuUT+AM9m5VX98ULMuNxKLT4ijeGnjvApt+gFbelNLz30TcQjvUo"
    "JrhrhsRaN02tmzCZJoKabt6LvXDXbkYqwsGEu2uKHjJ4+4LwgoZ0LoYzKmZVCl5Aw1U1nw"
    "uEBWaPVxETR8juJq0NT+bs2Q5cfXv78ebz36sP96R9djN5+/e79zclTzo4VUyEqZTASq4W"
    "DbaKYHKpKzLzBz59v+DOrEpUTu81Ssg+nw5Z2qyVYCwiHjKXwKYcoQiK4qTs4YpgfGHIlw"
    "OQXgO2RKdA9CyXLVCgGVPBpL8dMF/1MQn5XMq3i1W1GLzDsbbsyFeLTlZKuk8EJw8LBW/F"
    "YaNetH2gfmyEQqYEPZS+euXc/QMLPe56zt94WOncnbvfuF0tdMvhMmnawrmbBagww7TiFp"
    "L0IB2TUS12Y0YCEICuMTxbeiD73LkXqSOx9LVGj+QqL+5tdr3BhnRY/L5DBqptKS31u5R1"
    "yrTC3G52yTtpNq7YHu8Se3L9vpianNuJcDNG5Y6FQpQk/Uqg/f2c3EYiG3KC2xWJYVVhbg"
    "fPmaEpPmaBA9taPB+zUEiruwyfqJbfdjWQ3SutMb/7G+P+jPkd2cJ+FPJbLO1g8nrjBhYn"
    "LR7dv25QzhI8wPA1RwaTlbeeijaVAXFsTj1fRcTpoFyVSkYQvgxQmwT2u/B7gOFi0r/I88"
    "mUsyQPjaQfOjTggedQXyezUZF4NEj7VOtxIH2Yxiu9wy0YX/jS7Yl4ge5vQYUA4dGVUOfV"
    "OmEPiI8q0s3hc+ga+6DK/hMQHkfCc1maRIgsQv4AP0Ldp8wldEVuA7nRQufwXlqVpv5iRs"
    "cMXk+m5xnBhSUGv9E5D6bYYq77ELFYMPiGXOXaje8pJV91XaBFBW6LxLrk4Hau8g1dqUA7"
    "yYy5FxDfm0RS4s12jB0MQ0YFJhuSLMRe1BTKE4L7SRSfgxYuJmDDmC9kdN9QTu86fDC5Ia"
    "Suj42TiEOMKYRJHGDcZJRkDoLFFgiVM+PkwvuGMcylOEeO0Uhaw14fmTUMxQvfC4zO8yxN"
    "H1DtfWTw8LiJ0UA37wNz920yWADHjFZzStAHbheWchsI7Hk9BPb8VXEdw7FETfMpZWl6yO"
    "NnrbaLZw3bxbNyTiVvzv5luI6zNPuDc89+vHu3qxNv1+4KuDB9Ix6vKfbIYRbsh8GXL9sA"
    "5i/rAfOXJQZ7wX1FsDsmyajhb0JQxPg8JyL/AdFX7EyJzUh249jzIy8Q5zjeIeQ5ZFDzwV"
    "g8AwuCH3ZQPBhRGTHbUBKCPa51lUN1P+t9+6ejUmYfPOEBD0ADMuF2Fe0eGQ+cikCJE8fK"
    "elDZJx4w7mnMr6be5x4PivcK8+QcL/+ZQLQ5YWEFZMm5z2hQNwFl8qKTGtDviv+Jnr9nH7"
    "VPnz7ktvm3t0UF58fv376HmZATAY28KINYWkepdisfXtD9FPgrPc9HYmvTS7IxgCZeuE+c"
    "9TylnfWuzHqFhVU/fUHKMBYt9nug7U39vnjZRi2EVrVnmbxXJcelRglzMS5H2juz5054ju"
    "YTU8NylqZ/yNJlG2Dpsh5XuizBSgm/nra0q6m3wvcOLe7ft+H67+u5/vuKoI2MSdJIKykS"
    "9m+NX7RCTy8a0NOLMno6gYGHpntJjqiHB+XLNox+Wc/nlyU2S7N4mcU3mP22JhYmoSjwd0"
    "+4nnalSPwZcD8T53/w6Xzs0j8eAudDi9ZPPxfYKiIaxUbZ0NcUe0Qs0OL/wI4Vrii4Y5iq"
    "TxXkNolbd1SmsqZc8pIx+r6qiPt3Fr9sdRa/bDiLX5bP4hpvozL7a90ZG3qwKVyLOKC2Ir"
    "DQg/ZPAYYqO7B7W5f3NpyFIZ8Mx14YVegXON81IRVFwqZ57tUc47yVArsfDDYl3Xp/G9Dz"
    "I9mA6AONaDiU1jTDInYlSptVusItvZLVZT5/x0PmTYO/MqWK3cLj0MCpUm61VvSd7uYoGb"
    "u+un7EkC5TF+OKxQUcUNVN8DY8Bvn444cPZ7/Ve/1nIzIECoMVOtpbTfndXz8zv87pTTP8"
    "i+rlCIGFOqbnNgIesCEeHkNZemZDXn0K2B30dYdd9ZVhmF0LvQCgmVuFq5jw67Pu6x387C"
    "u/dLSGtymvbnXUR5/4ZBShlN3YoCvY9mQ92Xqu4tfI4X9t9jjs8Lu0v34cLr8ZxnQlO31F"
    "WFfmEKiP7BKZRq3yTrvswXMYpnjWoaBJES5PJEmivZoc0u1IK0PBFOm6XDoBbgRYejwicx"
    "BsEOvHCuX4+Ai86vivXxceSDyyqNjfdEExGQgVBz4Gfqmi5CGbQKMZDK4KmybF1eJohh+v"
    "o30ZdBcy9EnbTjLVyXwqokzteFUnzpNl5ceYLtBhwcZpBGwE094jmKzrUy3Dj9QJxro+ne"
    "Kst3F9UkeMCXa/ptijbWw/VrGd2M69hQl3VevecXb7oUZrMccYkM9R9nC7Ot7tqXwqoYg5"
    "FIwFT5joIq2d6k5Pdcge+P2TBJA8pbWtdXmWixqm6VxX0dsPu9NT3p18/N2d1KcbrZIsRR"
    "taq5J0SMfJ0kfNVZkFlbNTvbv58u7m2/ftzFTbMLx8VsBb7wwvu0zhleNZBeZb5Gk98Kth"
    "T2VCaw//ajIiyc4JQgEyIxe6kSOaes8W0ZXMiIVIgUofKMckDg0CHumMWmTpRTOFlaocgy"
    "Grxox3PJ6FY7u2vw8sHHtCwJyFY09x1tvAsXLDNw5rylP1Ljpy++AhSINP+rKEBRk6+BWV"
    "N08LDp/ENGs3DkNsIU9l4YVmeCHjKrMhwtA/98xBAWTIryxTnGGXGnTO3bNCgy66g9Zr0H"
    "kv1PYqtGyOSZ4vL0hIA5fPiSyS9xTtNsY6So9r0bsdstpjC5Q4nS5a+VnRMY+jARGxM8M0"
    "3lEmq3ekW8GymnjhXFjV3Krm/ZEzjlRJs6r5Kc56G9V8EYfQo1ki7DVJD/NfXF60yaZzUZ"
    "9N56KUpNmiH2U2W9epbqhQHd+vKs3uFuTq8fyiVFqe3PpU4En7bmQCx2F7kwncerhYD5dD"
    "g08beLjsEnnKBSxWxuvlAxqbgvYKsZTt6kpmHAZ5SKB7WaNMV/KqrhDZTFIJ/AhGfTg34R"
    "lDFqmIPQESK3OJujQgLHDC1QKWXVo1TMI+2TA7RKTgmkBMyNWlwr3pLLrWQXopZOQJgqAU"
    "FfdYRJwnZdWUw3PEFuoB8Igm+DOprYb3VdeRiteTpegYPhTMG/MQccLuA3zrgDAa+h5WZg"
    "uYhL0owml0Sj1blsxCVT0S+o8UtLBQ1SnOehuoKncYlSe+vkpeibAXsFXTzO6iYF72ZDfe"
    "bAu0VgXvzndWF50GElZ5mpvqSefInpTxrGNzur+i0t3Uug8KF29R5zZRER/Tz5OcNjvWzr"
    "vA+i3r5hvGSmQSVVXGSuQTWTXFSmTSZ7XTt9HrYq1fcszxq1weVIJw0CQdJoMSeKzqacPo"
    "5+Q2Qj8M8uZZ6qUBivCACK66AcXbB94qX42l5/vE5dUOH/sbukL3/Sk7y/gkyiT1s9WJrU"
    "58fDLzkWpHVic+xVlvoxOvd+TSpNe7FuSIeqEL28gKq/HaWP5uaV3W0tkLS2ea9rZC68qm"
    "xK3XuLxsq1bKVqLdQE9siW7pZLwq5hmd0xVoRnNWm6HUtJNqA2g8/idzIu38LhOGhvwB3i"
    "gkDvV9pYwpC+o1CbA6M6YuDaZs7U8vs5ditQxlvsz5yec6jLjvDnSWUTHjy1p75E9nCQ02"
    "0I9oVTKrklnh3KpkdtYP7VGf2Ztbu9RnaKxC1kIhSw49Ax5nSHrI4ouXL1vwGFo11Fp+WV"
    "nf2oTHm1UQ75iCu6di1lbvtHqn1TvLHrYwR/B6f1JMryuLUWo0aPS1Vc2H03z7VjrpmmZA"
    "aOAS4UnTmy5FgT2Lc6ngzbzpjIko9S+VKh4TTFrramK6t9n5Bg6seb7kP5tat4880XYq3R"
    "02UG0rpe7qlUE5uaYaQUrUQ2XgeIV/pfNt5HCyvR3zB+iFTivdI5JbjbsjFZjpYw57yXCR"
    "af/o7niT0mlUi4aM8MmEYZxAsg2V9712ZJWoHKhLbuxEcGppYA69HRRwNubxdBbpXTSiK7"
    "VHCmCH2k7VjomlizROd00+ws4JLxeyBK2T94d0jvDhFbkNyNzD2AH4XOBR+YSMVAMnDkMW"
    "OKuRjRuwgFx/duMjhWYsIHeKs94GkKOhM/MenpaWP09qjfjdmeby120rc2+lMnfkRVWFoh"
    "sylSQEfYRVd1E7axGPfQ+rVJa5/JZzn9GgxkqQpSswewyEu+J2emW/G9DbT58+5Paet7fF"
    "MKUfv3/7/vPXzyXzoZGnkKvyms4+XInn9YFjBbIe1C/be9AYMGbKw5XJfpKl6Z8d4U2bDe"
    "VN/X7yprydZNTVih2lIWKrSGmDtp4atJVHBMxMv0XK/q35yxZL/rI+o1p5wSfwjwlukqfa"
    "AD8psroLsVpPgkfWHOXLwNgQmaXZrSXyOPjZYIiUrOqUJbKL4YTZBZWzRH4G1fDz7bu7du"
    "Ws1jD2hjWt1gD18e2/dTzfaUErbWW4cRzg21m9GUI3GDQZI7QFYkjXbR81RHzJuvWO2RRL"
    "Renk1vAnJbpPnW9IJRuSsD/5ga6UIWIZgg4BDTxxDQQhm8SBK1MECTTEIpvKhoz9DFvtns"
    "zj0GHaCILRocwFgoEcVHb9lcDeGMoWDFMqwROpTabBt1hzXn2IiXeA9S4+9GltjRmnA2tb"
    "Y8YpznobY4ba8U0UzDVFD/HZ7aMptl73KdiK8kJOawghR2Xdb4/Im/noMYSMS9aGKELGGe"
    "w4l+mjSEL+O632ai4uXAvPHKef+Fsa3J9VYA3y+qAJYgDmC2TWcJw0fRRh+G9NIt0A0Qcb"
    "cyqDVi1V+zHzeTBt8Hg0prY+hV3boAdWDT8hhcyq4ac469an0OqJ1qfwbJs+hfLfEh/rMa"
    "ukfQ8Rq514FFr/tgP5t1nHCes4cXDNfEuOE4k+vKHbRKLlHuFOfRCviZRfFSBGlpePAxnt"
    "MAyMN08oztOi3lTcC+2xgFGODyzEmu/iWrsySMeFCUe3hPFKtoNGAVtiLLpu+5Wojm3f4V"
    "gWH+naXj6w+MgJacoWHznFWbf4iMVHLD5ytk18RIs1BqzMUFh21rDTUC/PU1nvjmJcMHKi"
    "xM6GsGDdvocY3vNXLSC858V9eY3g4a0Cc+m0Qu2+CUO6quGuJihwd9/1znG8Q6ghiM799H"
    "MRBfUmE8+BRzAKwMtT2dXaYrWiw4Th5pohsZinxZAthnx8GHJxB9gCTxMnrX7yNLPnbQDL"
    "J/DodlD5/1nrDUd2qB0UnE/Y1oDRZzjbwucwo7+1g+w1AboO0hRTv9ZoebbyiFsNwxvQV4"
    "Yacvk04op8kmnUhaw6SUaeO5K5FkcR+zUaYfTinALlr18Jok4roZMqhnwpVAUUTMZ4rZ5D"
    "tSU88Fe62T1b6XBGeKzQm84i8rXi43+tA3v/K2WjPCTOF6tvNPmcweJ3r8if+RIeSyzhpW"
    "VeyTkN75lb1ZVwOLIJ+xjod1pQLxT6tRYc119tisef1jOqPvQgno/hlg2XPLR8Ze0Qp4NI"
    "WzvEKc56GzuE3o5LM16Lq64J9ger7nJqt50c0IKAu4NVRMTmZebWu+8l7XvB3L177i1qfJ"
    "3+8uXTxxrQZU1SPAU8JyL/IaeCviKLmiekyPvCzo4dFCcEFQST2Uja26nY+lSAEmYyE7r5"
    "/ifiMNvRTliuFFeTo3VN0Yv9f9eHq1TqTVZ1SmA3mK2vdoWqVADIPqd1uUpTksJ8TJDmCB"
    "d8A8+//fTj2w/vyQ+f37+7/XKr+Z+qVfImXlpnPP78/uZD8TiVgDCtSuVdL1HmiGw4iLFQ"
    "OWeuR002mZTAbjJb32SsT4X1qTge+aRgR2hrESiQWa+1ZmeAbKjMhrbrHsY5DQoG7MLiMj"
    "Zi79Iym8nOW2GUzefubVPzTrZ7vNZdQNivdE54iDlWsa3nVNT0rG5WXcsuzVV0lQZIeSIt"
    "hOcFSYE6HRe1LlOH1oah7829aCgYzKUrrnRTKohMJgP/YpoZ37tnYkDiIPJ8MnJ8Du88pN"
    "EosZnCxkajiM0X0bqHYEUUFJ7UxKOxgJfDZ5TGT2hBNJHOeyubSOuxzEw7iycTH1PTSpNq"
    "GluozaoaSkseIWQPHlsOF9z3nNUVebsiIzdGZo4GZEQnEQuHIh7Dm65/y9cYpZl2xYwvgy"
    "r7LmwN8O1kbcQLuItVYBcsdKAFMD9564BHM7iTKSeIbbVF3QabdW2fH1gj7wmZ+6yR9xRn"
    "vY2R1wab2WAzG2zW3oZvC/zZAn85bqdXbIE/i3ifGSHetsDf7lPSo1Jrwt+k/R6XM6Idu1"
    "rSO4+9LOEoBlJGNXGPCiluTezA8kTiCSJ6ls7K512Wz1Nk0RhyyRLaOe7yHGfBYoNtskhm"
    "N8iKDfKBhW7MhjMauD4ObHDkV9Hu8fjHJaMA+mMVAqbQiqFJwOPuE8SAOvL9oQ/PjmSVB/"
    "TBm9JqRa0pIXCWao8rG+1tx7qmtc3OFIRYU1kIwgCC0BbPMrfrvb8yJN3w/8Jhe+P/lTMq"
    "m0xLifCgk6M9GtYm7eyff/DpfOzSP/Zm0srG+fLMNXkJV5I/0WO4Y/Lmjh2GQYRxkXXmkQ"
    "hlyj0e0DNvOmPiaOVOVd8amGkG8RXI+oeivnrRgtOvXtRyGm/VOFg6PA4qIIpa2b5MaKX6"
    "ku5qc1htNSfYgeuTPr41HAdLbVqw/aYFO0SR0k6u1U1KlJqlBxPM2ULRji+ql10dYwdgeF"
    "7KqkWsTZh0o3rpE5N26aGfrKkK9/zMcmvjmz8UmfatsqUtaBjJFGMByWjLmH5sJfOBhWzh"
    "U4e5ab3Vq6xDO/p/Y9ERdCl3+GKFPSW1SQLG3JpKJ7setDp+wHPuxVW+tsrXox/g6uib+q"
    "xlGd5qYYELTzLQZi47tBRondpPx73ZOrWf4qy3cWpPN+TSnNcCFVkSm73Mej4fwPPZwwHj"
    "Oo2k3hG3SGc9cY09caUgaGLmSgm6YXvsVe6JknzdVk4uC+Y2or8Rx8tHcG+IOuXDxo+TvY"
    "9CT6UllkOf3t18eXfz7fuDhfVrjKUqpn8NvzSABplGrZACTbCuTjrlTOjCo6CGe6CuT0I+"
    "J6A7Z7R60MwZVi8lsKLCSAyI4MSHpZIkURfE5RhODjo/dWbQsBox2NfglciBiu+/Ip8m0D"
    "8MuGChwNKqyVPhH+rOeuiBep7nOpTepyseR+uE7VTcy5wF8IQejMxDFx6qIihf0WVi8qty"
    "GchOMTH9aszdFZmySFyTEfV9vmSpk53OAJB5AdnwPI3oJ7LX7DBYlmHdgR5HJi8QZEYfGJ"
    "l6D8BfXM/I2QlNciCkbsoyC0IgZ2UJHztf6ltkwsPso2g6F5QU3wtYnhKfBXkWL3QyfJU/"
    "IcWD9CSL/BDpiyFjkv7jQtfQFJ4dASXB0SiPOQ0iDqviCoaBbzSACwPZMnk09YsFblX/SM"
    "FkegqcVE0Pz8VCzasBTrnmJxkz4ALL9a77mcRhhLZ6VQZALT98dWya3EtLE8BVmJYlvIPK"
    "4w+cAeaqfAwE3V0H5HfP1QplMObUC/Cp9EgJiSoEMMdsFmkGCjXHCLzJRmkGCkwToReDAx"
    "sPPphXWXwgk1FiQDicJzo1B7pB1OeK+OkMZjcxpZS2YFs2oBNyxsCCbycEw1jw7RRnvQ34"
    "ZssGbBd4A0E1MgLeUoI9AkFeMFyEHFeR2NXJtGtvQiVXm4BAawqbvnsDvOe4olr2hjFvf4"
    "Ufb5DcETPdBsft6Zy0EVv7jNiysSZPmYBtxJrYlBt72U4KWKnR6q6gtUu77dLOQ8xGfK+h"
    "32fRi2fnuzovd8x7aQ95EliTp+whWHO84EwZk7N5Zvo/x8oY9oQ5zhHaOe7yHGfsoqazXC"
    "C189zpeY6fNMWxnd1jmF3lHVCe3YZCS2uSEy21BKpaqdLSxDetV5VSnCgX0WhfZqN2JDEA"
    "FLIk+8Mkf3cs+cITZxoDjmZJLMpbsobKTHlPVFQLtPZs7PLZuJ6tsVGG7CJd//K77MRI5T"
    "7pk8oR2u+p09+Tw0MzI01KYcHrFgDqUy1h1gJmzGnpyFzm8iOG3oToaXbe42HxFq28yl27"
    "zOmm/I8JxUY+UcfD7ZMOgTuOTFY5n2RhnGstQ2IDCpsDCmPRsbxgh2Dpo0GEmQXVIi9Yp4"
    "M0u5gerDlG0yxDGKz8BYzHNsx+9Vl306NFvdP0Vym/KkJZs7x8NJZ1GGZbPxrUirF1Cn/D"
    "mD+s/5yG1OncVKpbLAiN4ZkytlRd+grrRjv35VjVLfRZGYL6QP0Yqy8D5zDeMczE5cnQv4"
    "jeM7iwpKsB4arbdOBMKGBSc5r9ckUwIIVQEjDsA58U+1CZtWT2raQt6oXrtFkquDTgMtI0"
    "LSctQzkz8YwqMTiRFYkacmvpaVMfbraGug3vO7QQZcP7TifQy4b3neKsV+CIpfC+7J5ssM"
    "8WyKwiVdBL5WleZuhNsPqLUJJljp1pc4uyPB1lAZmnQqz3prWmWU3QpzDV319cXF6+vnh2"
    "+erNyxevX7988yy10JZvNZlq397+CfHD3ExUmG/3boQ4MS9u+vA003iGrofn8fGev2WxSw"
    "Y5iAXCG/MqWKJh/yqR9sa/ZM/bWF5NbQ3O56isCPRIcrp1NrJNQc/e5Z4fFCHP3MrqVE46"
    "x+Fz+JvWpbPPNxg0Ynqlpo8CerBWJJCl05vRSP7KZJgvwXWPUlSCcexXeJCh2l+T3Gg3ri"
    "vz1Uv4S8ZcDgidYKq50RxWibfwPRaONKaWVOq+IrcqD5kE3JIMX+vhv0KoDVh8VbqOye/P"
    "ySiN0xkR6nv3CWYXB4gkYlYvmVJ/Tlcq8ZdMAYf5yrIZ2Wjgwp/wKcUqRZiqmEWwYtZA3g"
    "y4SoyWS93G5gY58xMbiIX1Dq2DWljvdAAeC+ud4qy3gfXKB1h59mv1imri3igXW3NeXx/7"
    "RhBInmyfOMjzY8VB1IqsL131yFLOEtplXCpYqWVV0/MhS2d9xbtzGJRlAJsloP9znGiEFR"
    "Bikx91lsxmzDLwpT4Wn96ufFA9ceo9DhfpJhy2y/6n3URj2xUJKa7gLbC33wWV6/ymDw1x"
    "RxF1ZnJNV1deSe4OHqnY6uH0Rqh8ZClaVWKZeL4EiyVyHXJdF0UXwZCFqInil1AVI6D5QL"
    "lozmNnhsVQVjWFWbfScyVmjnmqY3FFRqAWuDDiiMRB5Pmy4wj0MOnFioiLLLARkBH+vRqh"
    "M+toQmEcd5QWoKCCB+iRukKHVHVzIGHp9VNGXHaWVDOBAbQLazLMNUGdb6WfAodM2oZx4O"
    "DXJMuEIKidviqZcVgiZK68XGkgO7tni6geCp/D3pApNG9rx3bjBBxYIPyEIFELhJ/irLcB"
    "wnFXN9QlMiRWlyiEatdW4v0yp75/cuV4Ly9ev0rhV/zRhLx++f7mw4cykCD/LfGzqVLCvL"
    "d1eF++bJEKBVrV1+HFewUfSu9fFfxt9AvWFH1aqXv2qJsz16OKcwZLO0/VwwX+vFWh6ecN"
    "haaflwtNK8XLhM9rij3WFNJq4a5UhV3nVFJKaZnL9YW81xR9yFnVJBPuooY3avQm3E7a23"
    "Lp5qxOABFD21GOzhqPDIxHedCorWJSgJqs2ajR0KG5tQUY/vt1T8fJ2Eeh+PzK6hIa/1fQ"
    "64Pv8e+zCjQ+c3fQDo2fp41bAfGyua5JjiCxYOGD5zAZkSlkSW0eTFmocHHlTO0JWXCcPl"
    "BPLotqHH4bHVfC8F6wiKNhxO9ZIHTN51hWPicODbKQOY+jppbLEHavpLY5PJTEvzKFtbMP"
    "jIXOI+JTUYuTb4KG18uxlRvhE0/8x3HwY9QS6kFw1xMLn66GpvBDka6HWtpFK/5fNPD/oq"
    "ylZb/LMr9rsYgiWZ8wie15MGa3MgPmlugsdyu4m+7+pnaTHGEPzSbHayZR1rGS8HwYES8R"
    "ryvku4zk3Uq4yzRvJd4pDwiiYwRDtvBX5+RG/YHyVtaDAF0PQOElMwrXYcG51YLdZl1Win"
    "Qh6OBXZIT+MspdQjIh8ZaQPxLfh5BHjFA1mooslG4TNPH12IF4Zp0VrLOCNVtbZwU76xs7"
    "KyxoaO5PniPaYLN93N5wfP4KeHKaKLdJ+x4qtW9aqLRvahXaN0V11ppn9maeSSHL1mb0hK"
    "APdsc9GNCjGR4phttujsjaYpptMYpZWzDF3KUdHSdbH7XE5JZVlwwxn+PKfD94edBOOw/j"
    "lll+MMU2mh8wJY0OVVB6dEnhrm1ZqUcrHRh4u052rRJso4GFaPBAa9U6ZPyKvOOgqwsyAV"
    "ryXKbRUal1eHgvAwegH5l5B/NqX0M3MtRhzNB8I5IM4bqzJN92xBfDkMkUqlmryjq2YQns"
    "UjYV6IAFrlXbrdpuFTirtttZ76TavmcBvXMza11cNT+haczcXR1Uu/Zwrc3Q2RzbkSHrTW"
    "6dbcR1lMQ80yOhsgObhKU7B0H5/JdGvCdMdZbOznCXZ3jiBZ6YDeuiAeoPpBJhD8G5rR9J"
    "LAx5OLyHtzNhdZ6qf3y+vGjB58uLWj7jrSo+13pM18P6JcI+cHvfAH/IonAlWVHifGP8RY"
    "7Oxl8YxF9oJNDYYbBE1xuJ95R9MY+FtSl+bYLm5ohsPgNr+dsxS6X9xZCjWZr92h06yU5r"
    "SN2PIbW8t26BsVsNFuxi2r7cgbK5hbqwc5Rn4FPA7jj8b/f878J28Sj7s3tlC+5vZPPXm0"
    "SF2X+9fbSx/K93rXZu+cCEBxYKWRhobXJP+6t2vH+MqNIlAF8rkwdwbYJHl/yp9yDN8iqF"
    "oRf57JpwbLf0BJPXk7Lc0jtAJREMRZQ425f987W7AZH1vZdo9E8884nLmYrvFHSVrQnk4Y"
    "r3VUX6rwTR6073De+sMh/eugIdIJbarQEejI5Bor7CLIsinmNk72hARv/kY/2Xw+NQyMtp"
    "BsX5AjSpcHVFPsJTeIGucyQiFX0asjl/YC48sEtXuvCRbEGLLwzTC4wbgt46keWJVBONES"
    "QlkMYhfMYz5T+RFBnXAQvLGWZijCSPZMxrwPI95+JQM+MTB2bzWl7lIdZe12PhS1gXCutC"
    "YY3p1oXCznoX7ColFwp5uppg/CnBHs37H9kyJ2XsajvdQzS6lHsM4eaUxkLNJql+rPf+bn"
    "2DtAxcZjHWiK+RD9YkxWPCcyLyHykx7mwbWctp49jzIxDwz3HYQ0hnyKJmc1bRclXY+rGD"
    "cuY2rUkY7i85OrvHmJizvCAw3s7XRJbXJnV/QmcGSqgpt7Nklt8G/I7otMKMeBOGdFWzjW"
    "iCApf3vaXjeIfY0tHl4Kefi4t2DcmYwBgFsp0GFx+hqSuFo0w11RxhDxXV41VMK/CIDhcj"
    "68qkPt2e2blCWZ20ZXa0UtaPCOh/Sz0JSJVMRJm7g3Zmorh98iZpTZE1rFgouMqgBFxy4Z"
    "q87NLVAOH/H+/enZNbaWLAMk7K5hLNmIfGC4TTBKEh0yWvKjI67XCcympSmZmGrjerItVU"
    "4qByd6pwsdKrsbNW031WN2jIpUkrdF0UAaqZr5s3HfzHu5lVcRUPcjMPzKa1218nzD0X6X"
    "jEVbNpDvrrrbnnOQhjIy/ZpHlv2L0151grp1s53crplXL6d57kaklCl9cbZfNJ0qJ11VqU"
    "ggUJ+VI6R0kfnjGbYD1VdKIar7CwLEjCaUb7KUrRugU0X+HN+sq1W+m9OsdqvuasKiL7T+"
    "ZEj1WeFTN68fLVFfmk/ZrwGQboPjVjv1KXOd6c+tqxKa1EK5+DUN9X77BOOUOdWTYjjOBz"
    "0A0wuc2YTWmAI8fS8yxxEFOuXlWuWZ7yhrJuT9btqT+44pE6wFi3p1Oc9TZuT7b2p6392S"
    "991hb+3J/n0yIOYT8yYnSGpI9c3noCiiNJPGVrqx61l+S+E04ondVoVacUfeB3fj2/etFi"
    "Pb96Ubue8VYp9VeI5RTvWYVdqGnryJHZunZtDsEMamKqORVIbeKt7mhKZQVZYm+GAH+Wxi"
    "L8zQi/5JWF+B+D+LNLqksY/1ufO/dnFSC/ujFoQvnHaZN2RdPWrjCSEpHnQMZFw1MxTwZS"
    "pxVkEbOWAbnyclL2LINa11RR2/4Ylf42qvNkQvVQ+GsjzxuLkFuE3GKlFiG3s74xQp7Zkg"
    "222TyVzXr2WwVPTYXpPJUVp5vFac0tK1A/JlDnl9Xjibr0p90pxnYxT1R+C+ySqvIum0Kh"
    "QmN5V0ixUK+4FJMxtCgtteSgW/CFD/eUe77nCvTWkQmDlN8QqhIOVn1K6jsF8XyMWZsUgU"
    "5kJGSOKR5HZEoXoqI01S5Hqo8d8Lmecflr5lld5vDHhNVlTkmqtbrMKc56G10GU9UN1RZf"
    "nvYmp5QCofVNeZpvimSjPlSHMgdMYFTDuI6+DybRfZugc7xMtiqTjbCyA2vC6872V3HqrU"
    "VSAzEzT2WxnIqwp1ToN+JpSmWxnMeDn4BbnYIcOonl5JdVDnP4DLvH59t3d2dVO0KnONtF"
    "MCe/B9Ywth7NybrnKkihQv7UlN/99TPzU0SlmtnfeiFzoq1muu/Ees47cYF6vSGffqBh5D"
    "negu5OQj8El3YJDuaXVgU6WFp79fCgK5tmq5O1c3BIKsGTmyRhh8z1AVvQShAqsMg7n0NP"
    "eDGB5jCf5IAI5YiQwHh8Am1zeeln9AFu8xrMcJ+DYxTkSGDhyVCnhAdmMe9B/ZTw5EjVGo"
    "j4SMYrAuVEbcvknq3E1TqSUeGckibFLHXu9ewDDP4RLGeeM0PPDHh8hYEuZ1wwDGuER3Zo"
    "gBnwxyxx3LgmjEJ7GI4seey70J2ICIMeV2lCee0XQnzO738XL2SniH1Xx3liFOlQYq5X5M"
    "98SWAhruRFDBZVZQO8hJc0InO+Tl0vSMBgNpANcZgOeb7uV8h090KFqooBJoFJ4k6X+Bci"
    "G8kQ9TBulmN6w9eqv8VxDy13Wxz3dBA9i+Oe4qy3itp8AoR7CPR2l7N7EAA3FVdMjrcckY"
    "U6SqFXqdBnwtQCmWVrVVJ6M+vCpgaFI2LkjqooK2XFbBmvaWx240JNcNd7mmiTI7QWme4I"
    "MmX5VSMMT5jkPKWd5S7P8hrzKM/ylzn1/VqpNU/ZG7+Dy4vXr1JBFX80iaZfvr/58KEsi1"
    "bANG1PnQpSK0A1m+CKnp4bWouKLqbHyeJHzUYVC61LjsAaxK9LT5i9PWjC+RMvEPNshQok"
    "1/QDhNd17j+Zv1v/DQpkdJ1cSZIAKiYKXfRVOfl6gsxjZ6aw+vokhrscVKL6ctdGEF9WT8"
    "2C9jKToQS2VQKNehQ64anenrjwJO8sBH1oAb0egtbTbsL3DIl1rCkkV0qWvKHIlKXrE9S3"
    "DZnJpruz6e56B0rbjHf7S/aTl0rannIFWcaqWo2qVsZdZkMtq69uYoOCmpVfX13SsLIOaB"
    "UaVsE/rV7DWhQaPh5nCRoKOtChrpMpn+QFBZ+kK1BxoJX0kZHuSWg1Vo5BM75U1+8ZWyQe"
    "M/kQyx0MIhWoOMAWCvga6VTz2q8Kx0r9gWTeGbitBx6zFUe3KRmaIHtQNCOlcikfqigtAk"
    "VkcSmpo0Uw6IMnPGC31toifA0cVvX9lZA1ia8yL5GkweEL+KrckrMV9BGSKfSTqprYo6Hj"
    "UVLQwKp9h1ZMrOfR6figWM+jU5z1Np5H2YOpPO+1Wl6RrDeGnK1Vjyoe2WZadBV1b3i8b3"
    "U6jqqyuzQWV09pbGV1W8m+s/zWAr4huzNUltsG3Lb2+d3HHXe03OJxGJust8OhvB2K63gL"
    "LD6B8OMnxh7vEt68Dcb817MKYFPdGDRBmgGPvInn6NWStjfIgP2VSEq+q0qUk5DPtWtGKC"
    "KSHYBIt4vkjjPjnsMID67TCE4vkuUgPaHdQRw+ZzUuJPsavDJ80pnRIABWXinwEj1VHAzg"
    "DFTy7aUnMOCRKugSvxEiKIaKjlfyl0yFF+Av3ZEMkpQwpkrYzQMdT/lL7LFoCI8X4lgYMz"
    "mCbzCMMFCVBUmAKiIU/+IBG9k6lxa3tAiWxS3trFvc8ggwta3hlsl5XGbqX758+lizfWZo"
    "ip+R50TkP9LUuCvOZs6xcez5kReIcxz2EKcX8ij3BZXi0IohZ4VPAzsoxqFlJBeTWSmQbT"
    "QxxxNLs5MZ6A42cdDia1uEJkzUu8d0a9Bh7jj8b8eadRdY/2TFutptaCNd+WNGIzyrUJlz"
    "9wdtNef2OnM0A4YpRxgB+uWYuyupPkbcr6kB1UhRqZ3i0rkiSMsnZKRfLPu453d//+H9l5"
    "HWMVE10Yqs0j7pGNThgQyScHyPwWReYdb2gUwD5K+skmmVTKtuWCXTznonlUxTF/weO9+/"
    "aeN7/6be9f5NyfM+8qIq03UDdxOCHrL3olVsw0VDbMNFObYB5Zsyg+vzxSTt91hm/gBn/0"
    "5SxaC4YKKbJ+0tWrJ1XV0CfObndIbM5h7pzplcIYp1Bovp7qRulpm+zFqbln4TlGVv3guf"
    "gjGHTuANv/Pl11PCZAotBk2oDE/bDidJ41bADPrMSC8BzEqBpNKxIMAky9JKP8W8xssZV8"
    "W42TSWOSqmHHM8B7l0xiUEZ3tdVwYsJeHhehgbpWSBGKuSWyDGzvqh8yPbNB8JUvCiDVDw"
    "oh4neFGCCZLDrsTfWi+KDEWf0nxszYdCRGxhZKpPCfaPBxy5lX4jw/IuJO8vEZW6QIPorZ"
    "q0lb1F2trAk1iWhcbscImIXOfWiytPuu7mMgOEfJkkKZCFTypl8Z2MVGmFpYFYMnTbfbuS"
    "3ZyTO1njRWoBst8oTXxA5qCrorCPXS7pagBqgENBYUvLuoTcZxk/44FMo3DPFpE24op7b7"
    "Fgriy9InsXqntZcWVBhcACOrAF6uZUYFF07FRVa5H9y2o1qjQNdedeIBQ1GpoJ9fGgrrX9"
    "/pRDOICrNl2CVUSsSGoVETvrh1dE9ElkIttlSKy1Z+vWHn1YlyfkJgzpqkbaXtMUZmTfU4"
    "HjHWIq0Kj508/F6P21IGPEzgKdZWk27Ha+eGo9hCKttUp251woiwOJoG4gfGdIrFWysw73"
    "R8tOa+TdtZG3+P1vgaVl+2xPmZvZ/DqVAOCGhZ4zO6vA7/SdQRNsR9dtHgPr6jm65XiAWh"
    "S/cq+sAPD19HU2NGY76H09vlNrH6m3P9UbSPpggtpJpnn8qAw4rJv3kLs7SXNeWz2yIai3"
    "tnqktUp12ir12/8DkH18Wg=="
)
