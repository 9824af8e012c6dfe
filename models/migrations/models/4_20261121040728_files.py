from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "file" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "size" BIGINT NOT NULL,
    "media_type" VARCHAR(100) NOT NULL,
    "purpose" VARCHAR(16) NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "reason" TEXT,
    "sha256" VARCHAR(64),
    "storage_key" VARCHAR(100) NOT NULL UNIQUE,
    "attached_at" TIMESTAMPTZ,
    "owner_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_file_purpose" CHECK (
        "purpose" IN ('avatar', 'attachment', 'resume', 'video', 'resource', 'certificate', 'pdf')
    ),
    CONSTRAINT "chk_file_status" CHECK ("status" IN ('pending', 'ready', 'rejected')),
    CONSTRAINT "chk_file_ready" CHECK ("status" <> 'ready' OR ("sha256" IS NOT NULL AND "size" > 0)),
    CONSTRAINT "chk_file_rejected" CHECK (("status" = 'rejected') = ("reason" IS NOT NULL)),
    CONSTRAINT "chk_file_attached" CHECK ("attached_at" IS NULL OR "status" = 'ready'),
    CONSTRAINT "chk_file_size" CHECK ("size" >= 0)
);
CREATE INDEX "idx_file_owner" ON "file" ("owner_id", "id");
CREATE INDEX "idx_file_orphan" ON "file" ("created_at") WHERE "attached_at" IS NULL;
CREATE INDEX "idx_file_unattached" ON "file" ("owner_id") WHERE "attached_at" IS NULL;
COMMENT ON TABLE "file" IS 'One file. Its row is there before its bytes are, and is gone before they are.';
CREATE TABLE "message_file" (
    "id" UUID NOT NULL PRIMARY KEY,
    "file_id" UUID NOT NULL,
    "position" SMALLINT NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "size" BIGINT NOT NULL,
    "media_type" VARCHAR(100) NOT NULL,
    "message_id" UUID NOT NULL REFERENCES "direct_message" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_message_file_position" CHECK ("position" > 0),
    CONSTRAINT "uid_message_fil_message_f59f6a" UNIQUE ("message_id", "position")
);
CREATE INDEX "idx_message_fil_file_id_353906" ON "message_file" ("file_id");
COMMENT ON TABLE "message_file" IS 'One file of a message, as it was when it was sent; when its owner deletes the file, this much stays.';
ALTER TABLE "user" ADD "avatar_file_id" UUID;
ALTER TABLE "direct_message" ADD "file_count" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "user" ADD CONSTRAINT "fk_user_file_1a3fd990" FOREIGN KEY ("avatar_file_id") REFERENCES "file" ("id") ON DELETE SET NULL;
ALTER TABLE "direct_message" ADD CONSTRAINT "chk_direct_message_file_count" CHECK ("file_count" >= 0);
CREATE UNIQUE INDEX "idx_user_avatar_file" ON "user" ("avatar_file_id") WHERE "avatar_file_id" IS NOT NULL;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
ALTER TABLE "user" DROP CONSTRAINT "fk_user_file_1a3fd990";
ALTER TABLE "user" DROP COLUMN "avatar_file_id";
ALTER TABLE "direct_message" DROP COLUMN "file_count";
        DROP TABLE "message_file";
        DROP TABLE "file";"""


MODELS_STATE = (
    "eJztXe1z2zbS/1cw/tJ2RudJ7DhJ7ZubsVPn6msSdxLn6d21HRkiYQlnilAJyIp6l//92Q"
    "VAiq8yab2YotEPjUViAXIBLnZ/+4L/7o2FzwK5fzr1uToPVTTfOyb/3QvpmMEfJXd7ZI9O"
    "Jot7eEHRQaCbU2zXZ0nDgVQR9RTcuqGBZHDJZ9KL+ERxESLBLyNBfO6T2YgqogT8K8Y9ci"
    "Mic8UToceiUBLuQ6dczXtkLEIG/0QiYJLQ0CfUH/NQnpBZxJViIZlxNTLUMyqJD8338Vl8"
    "4cHD8HC4vWF/C38LTxUMOpgqJo9/Cwn8B+wQUZ/7x+RqxMhUsuiEfIDWenRKhlMmlR4Afy"
    "toIudSsTHhSrLgZj/pBBhouhgzNRL+N5LgnNn7ikZDpo4JvOeYxG/Fkxdjfo/IqTci8KTX"
    "+AjHf+X+364t8YDB0AyJ7ct4IxoOkQb+puQfny4/EDH4D/OUvsJ1o/jBbhT0pp9LwuPY+x"
    "weTsz0NExD/seU9ZWA5xuxCCbj19/hMg999oXJ+Ofktn/DWeBn1iL3sQN9va/mE33t8+eL"
    "H97qljjFg74nguk4XLSezIE5YdJ8OuX+PtLgvSELWUQV81PLM5wGgV3M8SXzxHBBRVOWPK"
    "q/uOCzGzoNcJHv/fVmGuqpIXok/N+Lv9lHSzXr9z9cXvU/nV/1+3uFbwIfIbde7SWYPfye"
    "eKiQUf/9avpdMERf3cMB3vx4+vHbw5ffaRYIqYaRvqnZtfdVE1JFDalm+oLLVBW5/ANwSf"
    "ExK+e0ochx2rck+/EfD+F4fGHB8oUYiZkZs2u7DL66eH/+6er0/c/Y/VjKPwLNp9Orc7xz"
    "oK/Oc1e/NfMhQCIaaZl0Qn65uPqR4E/y78sP5/lZS9pd/XsPn4lOlejDB9Wnfpon8eX4Ej"
    "RNTasVO00+oTTNCh+S/Ux2YFbv/Wwy/MRxC9x8M6JRJTctRY6X8HA7+HHsjemXfsDCoRrB"
    "z9fPlrD1/04/as6+fpb7AD7YOwf6VpbBZgtrwuAFxYMY3LJlmuXv84M6DIZWlRzW97IsNh"
    "t9kcVX7IsqZ/GCogssXibfz/95lRHtMSO/fX/6z+8y4v3d5Ye/x81TjH/z7vIsLzNQOWrC"
    "7oTAcfsB3PZ9EN+ykYhekHRQRr98UUOEvHxRKUHwVpbFEfsDzZVStaKay1mqDjL68GUNRh"
    "/mtcEFo/HW169oB93cpnR0vDCg3u2MRn6/cEcciKq2xVvjg3H+Cg3pUDMO3xCf35r+P7Ab"
    "FkXMv6Lydq8EGsjc7y0DB3zbsq/ipjXgATBBKZit4zFa2b7+C43jGQXOGytbG5uRmKGVif"
    "YyiD01OtF/wtqYMsJD8pH5cFeEwZyM6S3TRukNlaoMGdjwiOWgQDSUxmpG3oAtDxemY4Yj"
    "LmxuGkV0HtvZ8GzjCVj4P8JjiBsEILg11gMK1pZ/Ag8+DfEFEOGAjvV1MPsF/NKvOBPRLY"
    "vML5/DE2oCeCMh7CABo1LjAILdQctoGurXGAlYN0CHby9uYWQg4wG51s37+sf1iXl1DYoA"
    "yZjO9UMg0waMwNJg8Gh2mBvKA1gVFN7mE4OXGC1eZsjvsP/JCV6Qis6lHUyKMRsIf04CIW"
    "6lQxbaYyJVIwv63wb7RNy+gzvE+s0llCCNVEvbvhPM3bZq6YOcaY6TLagcVtZurMxsrsX5"
    "vQirvqYFRW5ugT+bms1nmxJVQ3yCvxw8f/HqxevDly9eQxP9lMmVV0tm++LDVe5r0XpBkw"
    "02IXCgYwknjYbVVPjkSNcggXaHwzsngBKNuOksZwjdHLd5jsEUFo3AwITAgYHNNTYvYsib"
    "B3xSWUqnubXuo2oJTnZ+x0K1VwKQmRu9ZcgYS5rci4hdhowEYgiPQDTVPvmJzcm3Sky41y"
    "OS/fGdDh5BsEWvJyJCcv2F+9fkWxoS+OM1NIgYGVOfkYFBZcZ8COsVBijCYZsfbgXYRj9F"
    "Iw9hTLAeq/d+2GYX/YPVAA5Md5HbZ3xYaRZZgu2ZRJvkt7GKvj84ODx8dfDs8OXroxevXh"
    "29fpaYR8Vby+yks4u/o6mUmY2i7eQws01iZi7UqStKQCasYd5ErTatnU79ABQU9okmnI7b"
    "d0I2bYPZLdFsL3w2ngjFQm/+kXkiyiphlY2Warx80bwfLdrfq/5qzyubBPPYixm7Z4f0Lg"
    "6hvgUNVdzAHxjZbKK6D16QkZhG0qqveKPP/R42/Q69uDW14a2PvoJybEdpgrumSJx3s6l3"
    "EyaziaJmm3dCFm46zMhkODTh7oKigwxevyI8oREdy/6IylGZgRfSaF7O5xxhjtmDuWJyB9"
    "m9zGrDnTm9twNXzy4+nH78V/nmHrdPC5Ozf12dnxYi6WBXaaJMJQROc3VosDME40tt0Znf"
    "ieH5RHijMlU5ubdUQw7EsM+SZrUUY6lExHwCQlmhCorqpO7hmGB+YSRmPdBeQzbDoECMLN"
    "ctUKEZUMl0vB0w3/RxE4mx1m8n83I1eINjrTmQrxKdLNV0HwhOPi4UvJaAjWrV9o4G00Yo"
    "ZELQQe2rU8HdP7OIC597v4ioNLg7c3+puJrYlv1Z3LRGcDcL0WCGaUUREvegA5PRLPanjI"
    "SgAJ1geraOQA6EdyuTQGIda40RyWVR3OvsegWB9Lj4fYscVOsyWqqllAvKdMrcZqTklXYb"
    "l4jHq9ifXC0XE5dzPRVuxKiWWKhEadJvJPrf98mFkumUExRXZAqrCms7cG+ErvgpCz0Qa9"
    "PxgEVSe911+kS5/rapgZysdM789gvG7TnzWyLCPkv9LRYkmL6+VIBN4xb3yq9T1LOkCDF9"
    "zdPJZEXRU9KmNCGOjSkPTEacTco1pWQkEbMQrUlgvw+/e5gupuOLeECGgsV1aDR936OhCL"
    "lHA1vMxmTi0TDp06zHno5hGsythJswMQl02BPhoe1vQqUE5dHXUOfxomAPqI8m080TY+ga"
    "+6DG/xMSMVWS+ywpIkQmkbiDH5HtU9cSOiYXoRa00Dm8lzWlaTAZ0QGD19Plea7hwgyT3+"
    "hYhENsMX5yKW/9qeKwYIHPE6q0h+jVjnmIcMsNeNhoj0vTdAHp3UZVCy6aAOm2eReYu20Y"
    "fQIca7SaE4IucDu3lOvAQs+rYaHnL/PrGDRv2rTGUJqmgzx+VktcPFsiLp4V6wyBaf9nw3"
    "WcptkexLn3+erNpna8TbvwcWEGjXi8oNgih1m4HQYfHtUBkY+qQeSjAoN5eFuSAI6FIyr4"
    "GxPkcS/uKfI/EnC5McMupdkNpjxQPJT7ON5j6HPIoOUbY34PzCl+2EF+Y0QFvZlAiQm2uN"
    "ZNXdHtrPf1747GwLvjkgMPwAJqwu0y2i0yHjilwJCWu8p6MGNvODDuYcwvp96mjL9j0Rxr"
    "x+wu/5lEBDZmYQmMJ0TAaFg1AUXyfOAW0G+K/7Gdv+W4rcvLdxkxf3aRN3A+vz87h5nQEw"
    "GNuEqheC54qN7Khxf0L8Ngbud5R/xPdkkuTSqZTvwHznqW0s16W2a9xOtonz6nZTRWLba7"
    "oW3N/D44qmMWQqvKvUzfK9PjEqC+uRqXIe2cK3AjPEeXQlNna5qme8jSYR1g6bAaVzoswE"
    "oxvx62tMup18L3Fi3u7+tw/ftqrn9fksiQctM1skryhN1b4we10NODJejpQRE9vYGB+01l"
    "SYaogxvlUR1GH1Xz+ajAZu0qLrL4FCvCVuSHxBQ5/m4J17PhBbGPH+WZ3P9rQMcDn/7tMX"
    "A+9Gj9+nuOrVJRNW1UIXxBsUXEAk+OuGO7CldYtI1FHLp8iAFV2oErbtYes6loLeMs9MVN"
    "f8AjVbIP43xXhOPmCZfNc6fmGOetkBR4V+RdZXyebb29+LznmxJIa64/Su+oolFfo84ND0"
    "AqULqKpCUhjaWsLvL5rYgYH4Y/MaOyXMDj0NArUwKt9vDWdrOTjF1cXTxiRGdJKF7J4gIO"
    "mMr4eBseg3z4/O7d3tfqiNF0NK+U8JwlusyZpXz700cWVAWHWIZ/Mr3soAJexfSMIBAh6+"
    "Pm0dfHFqzIq8uQXUFfV9hVVxmGlVnQWwbN/DL7owm/Ptq+3sDPrvLLRvryVXl1YSOGu8Sn"
    "RtHtacEGXYHY02cRVnMVv0YB/6sj47DDt0l/3dhcvjbMB4glfUlKQGoTqM4KkKlGtWqW+u"
    "yOewzLg9o0ovgAFy7jAqO8ov5oPdLSNAJDujhqlwA3Qjy2VpExKDaIieHptvj4CFDY3IEv"
    "Ew4ajz6Q5hd7GA0LfcwWCDBpwBxoG7EbaDSCwc2hePHBPFM1wo/Xsz4/2wUG9ccYY+pkm4"
    "BKlTp32JwxxPWRxAMsNeWxcOUUVBfpv/VIfxciUMnwHXUWuxCBpzjrdUIEzBbTBENeUGwR"
    "Q94OerwRHxOfNOGuad05zq4/JH+h5jQG5DOUHRRXuyueirsSqph9yVj4gInO07qpbvVUR+"
    "xO3D5IAclSOt9am2c5b2E2nesyevdht3rK21PLub2T+nCnVVzhYkVvVVxKYzdZeq+7KrWg"
    "Mn6qN6ef3pz+cF7PTbUOx8tHA7x1zvGyyfIvGZ6VYL55nlYDvxb2NC60+vCvJTMHhu8ThA"
    "J0NRcMt0Q09ZbhYeZYTQWRAnusOo5JPBqGQtlqLOZAcY2VmvpUESvHjDc8noNj2ybfew6O"
    "fULAnINjn+Ks14FjtcBvHP6fpepcFtH6wUPQBh/0ZUkHMrTwKyoKTwcOP4lptmEcDbGFLJ"
    "WDF5bDC6lQmRURhu6FZ/ZyIEN2ZTXFGTZpQWfCPUss6Hw4aLUFnY1CrW9C6+ZYIPTwgEQ0"
    "9MWY6AOWHmLdTvEMjvut6M0OWR6xBUacrdZq4qzoQExVj8ipN8ISsCpVEVbZVrCsbng0ls"
    "40d6Z5d/SMHTXSnGn+FGe9jmk+mUbQY7OCsQuSDuaJHx7UqTpxUF114qBQzNShH0U2u9Cp"
    "dphQLZdXpW53B3J1eH7LD7CvLplbcYD9I1XMxWE7UzHXRbi4CJfHBp9WiHDZJPKUSVgszd"
    "fLJjQuS9rL5VLWO5MsFTAoIgLd6/Nt7EE+5aeLLScpBX4kowHsm/CMEVMmY0+Cxsp8Yi71"
    "CAu9aD6BZWdT7Szsk06zQ0QKrknEhHx7zCwfjtSJTdJLICMuCYJSVN7iAbQiPpLHBDwrNj"
    "EPgFs0wZ/xuTx433StTL6ePsaI4UPBvDGOiBN2H+Jbh4TRKOB4qk/INOxFEU6jQ8pXPivN"
    "QVUOqmqPhN1R0MJBVU9x1utAVZnNqDjx1adJFQg7AVstm9lNHCyV3tkbC9scrTPB2/OdVW"
    "WngYZVnOZlZ5FmyB5U8axlc7q9A0nbaXU/Kly8Rpu7iYl4n30e17TZsHXeBtav2TZfMVci"
    "VaiqNFciW8hqWa5EqnxWPXsboy4W9qWYsNCGPJhCumBJekwnJYipMjcmEzyzG+MwyOtnSZ"
    "QGGMI9IoXpBgzvAHhrYjVmPAiIL8oDPrY3dInt+2t6lvFJjEvqd2cTO5t493TmHbWOnE38"
    "FGe9jk28kMiFSa8OLcgQdcIWdpkVzuJ1ufztsrqcp7MTns6k7G2J1ZUuiVttcfF0q1rGVm"
    "zdQE9shmHpZDDP1xkd0zlYRmNWWaG0aSflDtDp4D/MUzb4XRcMjcQdvFFEPBoExhgzHtQT"
    "EuIppli6NByyRTy9rl6Kp2UY92UmTj7ToRKB37NVRuVIzCr9kb/uxTTYwD6iM8mcSeaUc2"
    "eSuVl/7Ij6lGyuHVKfonEGWQ2DLN70GvA4RdJBFh8cHdXgMbRacibpUekpYU14vNpJuy0z"
    "cLd06KuzO53d6ezOYoQtzBG83t8N06uOxSg06i2NtTXN+8Ns+1o26YKmR2joE8m1680eRY"
    "E9y31t4I34cMSkSuJLtYnHJNPeuoqc7nV2vkIAa5Yv2c+mMuwjS7Sek+4eN1FtLUfdVRuD"
    "enKbWgQJUQeNgd1V/o3Nt1LAyfokpj6Zr0RIxif2VcvF+GjAepIQW2OMgSSRmCWVI+Jgfo"
    "z21/UoCI2YkWbQZIgCKwn3Z3O8WS4K19Z7KZ4HZqcUIcJ5WCnD5CIwNAuYb478wQHELNRw"
    "nK6aYRE8OaIHRy+PyaXJOdDP0MNilCP2hfrM42ManOgZIdNQ8SB5DkKDIIMFUqWoN0onSC"
    "AcqUbAA3iHIQ1xZCzMwZXp8Dg53Ggs7phPKPEpdH2jTFqDB7PtMhccJNid/WBHwSEHCT7F"
    "Wa8DCep/C/NdDaPE7R1OVQ+nkvzPEv4ui1WPKbZ3MPezzVorWw5SHzOfU8O2Bus6S9XB1f"
    "281lFbz5cctfW8eNSWK9GT5/LLOkzOy/sUj18WBIiialpyBMISb0JCscVTzSYs9JFNO8pl"
    "Y3wVuVydubeg6IJDYdsZe8ZmbbSqE4ou8HvjTkgF7Yasf8vmzURHhqxzpb02sgmmUJOmll"
    "OO1EXitsdSKhrIGntr6BJN0zif6HKfqOaVc4re5xRNL6k2eUXPAuHd7pWA/OZGbxnKP0ia"
    "1IL5TVSrTiTUlIg8hwKR5UVVHY+GZBZxhVWpNS6u71sEPINal4P9GxijNF7WdB5PqB0Kf7"
    "mgWYeQ76AY21Gs1CHkT3HW6yDkKZHcQMxmqTar+u1G7YsiT5sq01kqp04vV6ctt5xCfZ9C"
    "nV1W5Sp1iUBoFWPbWIMlKwLbZKq8EeEdqPeVsZuZ+0sNFy/f8v4KqTMBtoWYBHAPrAAeEe"
    "5LjNYRkc8iEzeEpoTOEMRYH0zGC6fjAQxjCcZMSop5fHF1lSGdyJLCqpscqboeSyDsjOtf"
    "I+5smcffJpwt85S0WmfLPMVZr2PL6DqIRsQXp/3eAooLQheb8rDYFM1Gu6miAqVY2KhcbB"
    "V9F1yi23ZBZ3gZi6omgrC0A+fCa4/4K9n1FippAzUzS+WwnJJE0UTpb8TThMphOfeniwK3"
    "WgU5tBLLyS6rDObwEaTHx4s3V3tlEqFVnG0jmJOVgRWMrUZz0uG5BlIo0T8t5dufPrKgKm"
    "vTMvsHHjFPvTd9dWg9Z4O4wLxekU8/00hxj0/o5jT0x+DSJsHB7NIqQQcLa68aHvR101hJ"
    "rAcQYvCBJdgnp8R8Z75OqwYRNJd4qjUlSoyhJ7yYlFgGq8EWUmYJjKePUUqDlGRE7+C2qM"
    "AMtzk4ZkFeSwZLC7H36x65BmYxfmd+angSrkyCeV+Ja52vCJQ3RiyTWzaXx4tMRoNzapoE"
    "s7RnMKUfoPdbaMqscYnvZDDQ2UhIhmmN8Mj28PEBiwM3Tgij0B6GIzMxDXzoTiqC1dTm8U"
    "hxXAgJhLj9y3SiO0XsuzzPE7NI+xpzPSY/ihmBhTjXFzFZVDOUcLWoiD3G8ZJ3ChnMBrJh"
    "GiVD7i/6lbqQmzSpqrJHTHE5zaUZ/oXIRjxENYyb5pgV+Nb0dzjuY+vdDsd9Ooiew3Gf4q"
    "zXytp8AIT7GOjtJmf3UQDcRF1psr1liBzUUUi9SpS+JkzNkTm2Fs9Ea+pdWNWhsEOM3IhH"
    "ITZWmi3jBc0Ka3h3fAYNljDz+cNUmwyh88i0R5Ep6q8WYXjAJGcp3Sy3eZYXmEdxlj+NaR"
    "BUaq1Zys7EHRwevHqZKKr4Y5lq+un96bt3RV20BKapu+uUkDoFarkLLh/puaK3KB9iupss"
    "vtdtVLLQ2hQIbEH8qvKE6du9ZTh/HAXSvFqhAcktfQ/hdVv7L66win9jEdWT+EpcBNAw0R"
    "RaxZ4wyJdLMp7iKSKI1VcXMdzkoBrV11IbQXy4lwXtdSVDDWybAhrVKHTMUyuehOSadw6C"
    "fmwFvRqCttPehO8pEhdYkyuuFC/5hipTmq5LUN86dCZX7s6Vu+scKO0q3m2v2E9WK6m7y+"
    "V0GWdqLTW1UuEyK1pZXQ0T6+XMrOz6apOFlQ5AK7GwcvFp1RbWJNfw/jxLsFAwgA5tHbGo"
    "58LDXEzSMZg45rjDuQlPQq+xCQwaiZm5fsvYJI6YyaZYbmAQbUBNQ2xhgK/r+DgN48HFsZ"
    "J4IF13Bm7bgQdsLjBsSqcm6B4MzbUxuUwMlYrDuvbN0ZHaRlMw6B2XHNhtrTaFr7E4Q/Ib"
    "SQIu1XHqJeIyOGICX5VfCLaCPiIyhH4SUxN7bBh4FB8B48y+xzZMXOTR04lBcZFHT3HW60"
    "QepTem4rxXWnl5ss44clY8iimXjpjasptZ0WXUneHxts3pqSqr7nImRMBoWGHgxTQ5pg+A"
    "aFNcT65sV1E4u7x8lxFWZxf52JjP78/OwbLWUgoacVXBaRp5I37XmNlpMsfvBvy2Cn5Ddq"
    "eoHLcbcNv55zefd9zSA2p3w9nkoh0eK9ohv47XwOInkH78wNzjTcKbF+FAfNkrATbNjd4y"
    "SDMUit9wz66WpH2DCtjfSDyOcnES5U0kxjY0I5KKpAcgOuwivuONBPcYEeFJksHJlT4Okk"
    "sbDuKJMasIIdnW4KXpk96IhiGw8tiAlxip4mECZ2iKb8+4xIRHaqBL/EaIpJgqOpjrX7oU"
    "Xoi/bEc6SVLDmKZgtwhtPuUfU85UHx4vwrEwZ/IavsFIYaIqC+MEVUQo/hQhu3bnXDrc0i"
    "FYDrd0s+5wyx3A1NaGW8b7cZGp//h0+aFCfKZo8p8R9xT5n3Y1boqzqX1sMOWB4qHcx2Ef"
    "Y/dCHmW+oEIeWj7lLPdpYAf5PLSU5tJkVnJkK03M7uTSbGQG2oNNPOrha2uEJpqYd/fZ1m"
    "DDXAn434Yt6zaw/sGGdXnY0Eq28oeURbhXYjJn7vfqWs71bWY1AoaZQBgJ9uVA+HNtPioR"
    "VJwBtZSi1DrFpXNMkFbckGv7YunH3b/618/nn66tjYmmiTVkjfVJB2AO93SShBdwBpN5jF"
    "Xbe7oMUDB3RqYzMp254YxMN+utNDKbhuB3OPj+dZ3Y+9fVofevC5H3iqsy1/US7sYEHWTv"
    "Qa3choMluQ0HxdwG1G+KDK6uFxO33+Ix84+w92+kVAyqC01s87i9Q0vWbqtrgK/5Pp0ic7"
    "VH2rMnl6hircFi2jupq1WmL7LWlaVfBWXZWvTCZTgQ0Am84dtAfz0FTCbXorcMlRFJ2/5N"
    "3LgWMIMxMzpKAKtSIKkOLAixyLL20g+xrvFsJMxh3Gw41TUqhgJrPIeZcsYFBGd9XZcmLM"
    "Xp4XYYl6XkgBhnkjsgxs36Y9dHdmU+YqTgRR2g4EU1TvCiABPEm12Bv5VRFCmKLpX5WFsM"
    "hVRs0shVnxBsHw/YcS/9So7lTWjenxTVtsAS1ds0qat7y6R1g0hifSw0VoeLVeSqsF5ceT"
    "p0N1MZIBKzuEiBPvikVBffyEilXlgayhnDsN2zue5mn1zpM160FaD7VUnhAzIGWxWVfexy"
    "Ruc9MAM8CgZbcqxLJAKWijPu6TIKt2yirBNX3vLJhPn66BXduzTd6xNXJlRKPEAHRKBtTi"
    "Ueio6dmtNadP/6tBpzNA31xzyUhhodzYQGuFFX+n5/zSAcwFVXLsEZIk4ldYaIm/XHN0Ts"
    "TtREt0uROG/P2r09drMuTshpFNF5hba9oMnNyLanAsd7jKlAp+avv+ez9xeKTCN25ugcS9"
    "Npt+PJQ89DyNM6r2R79oWiOhAr6g2U7xSJ80q2NuB+Z9npnLybdvLmv/81sLTon+0oc1PC"
    "r1UFAE5ZxL3RXgl+Z+/0lsF2dNHmPrCumqNrzgeoRPFLZWUJgG+nr7WpMetB76vxnUr/SL"
    "X/qdpB0gUX1EYqzeNH1YDDtnkHubuRMueVp0cuSeqtPD3SeaVa7ZX6+v8W4D8f"
)
