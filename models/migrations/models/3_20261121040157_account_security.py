from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "signing_generation" (
    "generation" INT NOT NULL PRIMARY KEY,
    "since" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "chk_signing_generation" CHECK ("generation" > 0)
);
INSERT INTO "signing_generation" ("generation", "since") VALUES (1, now());
COMMENT ON TABLE "signing_generation" IS 'One generation, and since when it signs. The highest one is the present one.';
CREATE TABLE "one_time_token" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "token_hash" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "data" JSONB NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_one_time_token_purpose" CHECK (
        "purpose" IN ('verify_email', 'reset_password', 'change_email', 'second_factor')
    )
);
CREATE INDEX "idx_one_time_token_user" ON "one_time_token" ("user_id", "purpose", "created_at");
CREATE INDEX "idx_one_time_token_expires_at" ON "one_time_token" ("expires_at");
COMMENT ON TABLE "one_time_token" IS 'One token of 32 random bytes. Only its hash is kept: who reads the table cannot use what is there.';
CREATE TABLE "second_factor" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ,
    "last_step" BIGINT,
    "user_id" UUID NOT NULL UNIQUE REFERENCES "user" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "second_factor" IS 'The authenticator app of a person.';
CREATE TABLE "recovery_code" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "code_hash" VARCHAR(64) NOT NULL,
    "used_at" TIMESTAMPTZ,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_recovery_co_user_id_32ad3d" UNIQUE ("user_id", "code_hash")
);
COMMENT ON TABLE "recovery_code" IS 'One code that opens the account once without the app. It has 80 random bits, so that a plain hash will do.';
CREATE TABLE "identity" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "provider" VARCHAR(64) NOT NULL,
    "subject" VARCHAR(255) NOT NULL,
    "email" VARCHAR(254),
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_identity_provide_682363" UNIQUE ("provider", "subject")
);
CREATE INDEX "idx_identity_user_id" ON "identity" ("user_id");
COMMENT ON TABLE "identity" IS 'One account elsewhere by which somebody may come in.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "recovery_code";
        DROP TABLE "identity";
        DROP TABLE "one_time_token";
        DROP TABLE "second_factor";
        DROP TABLE "signing_generation";"""


MODELS_STATE = (
    "eJztXe9z2zbS/lcw/tJ0Rudx7DhNnU5n7NRtfW3jTuK8vV7akSERknCmAJUAreh6+d/fXY"
    "Ck+FMmbUmmaPRDY5FYgHwALnYfLBZ/702lx3y1fxp6XJ8LHSz2Tsjfe4JOGfxRcrdH9uhs"
    "tryHFzQd+KY4xXJ9lhQcKB3QoYZbI+orBpc8poYBn2kuBQr8NpHE4x6ZT6gmWsK/ctojIx"
    "nYK0MphiwQinAPKuV60SNTKRj8E0ifKUKFR6g35UK9JvOAa80EmXM9sdJzqogHxffxWTw5"
    "hIfhYry9Zv8Qf4hTDY0OQs3UyR+CwH8Ahwz63DshVxNGQsWC1+QtlDatUzIOmdKmAfytoY"
    "haKM2mhGvF/NF+UgkAaKuYMj2R3heKYJ9F9zUNxkyfEHjPKYnfiicvxrweUeFwQuBJr/ER"
    "Tr7h3rfXkfCAQdMMhaOXGU6oGKMM/E3JP99fviVy8B821OYKN4XiBxtpqM08l4LHie5zeD"
    "g5N90QCv5XyPpawvNNWACd8fFPuMyFxz4xFf+c3fRHnPleZixyDysw1/t6MTPXPny4+O57"
    "UxK7eNAfSj+cimXp2QLAEUnxMOTePsrgvTETLKCaeanhKULfjwZzfMk+MVzQQciSR/WWFz"
    "w2oqGPg3zvm1EoTNcQ0xL+78W30aOlivX7by+v+u/Pr/r9vcI3gY+QG6/RJeg9/J640AjU"
    "359tvUtAzNU9bODNj6fvnh29/NJAIJUeB+amgWvvsxGkmlpRA/oSZaqLKH8HKGk+ZeVIW4"
    "kc0l4ksh//cR/E4wtLyJdqJAYzhmu7AF9d/HL+/ur0l1+x+qlSf/kGp9Orc7xzaK4uclef"
    "2f6QoBGttkwqIb9dXP1I8Cf59+Xb83yvJeWu/r2Hz0RDLfvwQfWpl8YkvhxfgqKpbo3UTp"
    "NPKC3zgA8p+kx2oFfv/GwyeGK7BTTfTGhQiWYkkcMSHm4HP469Kf3U95kY6wn8fHWwAtb/"
    "O31nkH11kPsA3kZ3Ds2tLMB2CmsC8FLiXgC3bJhm8X1+WAdgKFWJsLmXhdhO9EWIr9gnXQ"
    "7xUqILEK/S7+f/usqo9hjIZ7+c/uvLjHr/+fLtD3HxFPBvfr48y+sMNI6awJ0IOLTvgbbn"
    "gfpWjVT0UqSDOvrlixoq5OWLSg2Ct7IQB+wvdFdKzYpqlLNSHQT66GUNoI/y1uASaLz1+T"
    "P6QaOblI2OFwZ0eDOngdcv3JGHsqps8db0cJq/QgUdG+DwDfH5I9f/OzZiQcC8K6pu9kqo"
    "gcz93ipywItK9nVctAY9AC4oBbd1OkUv2zN/oXM8p4C89bKNsxnIOXqZ6C+D2tOT1+ZPGB"
    "shI1yQd8yDu1L4CzKlN8w4pSOqdBkzsOEWy0mBYKys14zYgC8PF8IpwxaXPjcNArqI/Wx4"
    "tukMPPwf4THkCAkIHjnrPgVvy3sNDx4KfAFkOKBicx3cfgm/zCvOZXDDAvvL4/CERgDeSM"
    "qoEZ9RZXgAyW6hZBAK8xoTCeMG5PDt5Q20DGLcJ9emeN/8uH5tX92QIiAypQvzEAjagBEY"
    "GgweLWpmRLkPo4LC27xn8BKT5cuM+S3WP3uNF5SmCxU1puSUDaS3IL6UN8oxC+1xkaqZBf"
    "Nvg3kiLt/BGWL97hJqkEamZVS+E+Bu27T0QM8058mWUo4razdXZifXYv9eiKqvaSmR61vA"
    "Z1O9ebApVTXGJ/jH4fMXX714dfTyxSsoYp4yufLVit6+eHuV+1qMXdBkgk0EHOlYgqS1sJ"
    "oqn5zoGjTQ7iC8cwoosYib9nJG0PVxm/sYXGHZiAxMBBwZ2NxiGwYMsbnHJ5WVdJZb6z6q"
    "lvBk57dM6L0Sgsze6K1ixlhS5E5G7FIw4ssxPAIxUvvkJ7Ygz7Sc8WGPKPbXlyZ4BMkWM5"
    "6IFOT6E/euyTMqCPzxCgoEjEypx8jAsjJTPobxCg0U6bDNN/cA2sY8RaMVwlhgPV7v3bTN"
    "Lq4PVhM40N1FtM/4uNItigS25xJtEm/rFX19eHh09NXhwdHLV8cvvvrq+NVB4h4Vb63yk8"
    "4ufkBXKdMbRd/JcWab5MxcqFNXjIBMWMOiiVltSzub+h4sKMwTTZCOy3dCN20D7JZYthce"
    "m86kZmK4eMeGMsgaYZWFVlq8fFm8HyzL32n+mpVXNvMX8SpmvDw7prdxCPUNWKhyBH9gZL"
    "ON6j58QSYyDFRkvuKNPvd6WPRLXMWtaQ1vvfUHGMdRK01415SIW91suroJndnEUIuKd0IX"
    "bjrMyO5waILuUqKDAK/fEJ7RgE5Vf0LVpMzBEzRYlOOcE8yBPVhopnYQ7lVeG87M6bkdUD"
    "27eHv67vfyyT0un1YmZ79fnZ8WIulgVmliTCUCznJ1bLBzBONLbbGZf5bj85kcTspM5eTe"
    "SgvZl+M+S4rVMoyVlgHzCChljSYompOmhhOC+wsDOe+B9SrYHIMCMbLclECDZkAVM/F2AL"
    "6tYxTIqbFvZ4tyM3iDba05kK+SnSy1dO9JTj4uFbyWgI1q0/aW+mEjFjIR6KD11ang7l9Z"
    "wKXHh7/JoDS4O3N/pbqaRSX787hojeBuJtBhhm5FFRLXYAKT0S32QkYEGECvcXu2iUD25f"
    "BGJYHEJtYaI5LLorjXWfUDFNLj8vctWqBal9NSraVcUKYz5jajJa/MsnGJeryK15Or9WKy"
    "5FzPhJswajQWGlFG9AuF6+/75EKr9JYTVFckhFGFuR34cIJL8SETQ1Br4XTAAmVW3c32iX"
    "L7bVMNOV3pFvPbrxi3t5jfEhX2QZlvsaDBzPWVCiyMS9ypv07RzlJS4Pa1odlMVlQ9JWVK"
    "N8SxKeW+3REXbcq1qWQUkXOB3iTA78HvHm4XM/FF3CdjyeI8NEa+P6RCCj6kfpTMxu7Eoy"
    "Kp047HnolhGiwiDTdjcuabsCfCRVTfjCoFxqNnqM6TZcIeMB/tTrehnELVWAe16z+CyFAr"
    "7rEkiRCZBfIWfgRRnSaX0Am5EEbRQuXwXpErTf3ZhA4YvJ5Jz3MNF+a4+Y1OpRhjiemT2/"
    "LWDzWHAQs4z6g2K0Rf7dgKEU65PheN5ri0TBeY3m1kteCyCZEeFe8CuNum0WeAWKPRnAh0"
    "Ae3cUK5DCz2vpoWev8yPY7C8adMcQ2mZDmJ8UEtdHKxQFwfFPEPg2v+34ThOy2yP4tz7cP"
    "VmUzPeppfwcWD6jTBeSmwRYSa2A/DRcR0S+biaRD4uAMzFTckGcEwcUYFvLJDnvfhQk/8R"
    "n6uNOXYpy24Qcl9zofaxvcew5xCg1RNjfg7MGX5YQX5iRAO9mUKJBbY41m1e0e2M9/XPjt"
    "bBu+WKAwbgATVBu0x2i8ADUhocabWr0IMbO+IA3P3AL5fepo6/ZcECc8fsLv5MIQMbQ1hC"
    "40npMyqqOqAong/cAvlN4R/7+VuO27q8/Dmj5s8u8g7Oh1/OzqEnTEdAIa5TLJ4LHqo38u"
    "EFvUvhL6J+3pH1p2hIrtxUEs68e/Z6VtL1elt6vWTVMXr6nJXR2LTY7oS2Nff78LiOWwil"
    "Kucyc6/MjkuI+uZmXEa0c0uBG8EclxSaLramZbrHLB3VIZaOqnmlowKtFON1v6FdLr0W3F"
    "s0uL+ug/rX1ah/XbKRIbVM18gryQt2b4wf1mJPD1ewp4dF9nQEDfeb6pKMUAcnyuM6QB9X"
    "43xcgNksFRchPsWMsBX7Q2KJHL5b4vWi8IJ4jR/1mdr/xqfTgUe/fQyeD1e0Pv6Zg1Vpqs"
    "NGGcKXEltkLPDkiFu2q3RFxLaxgEOV93GgSitwyc3a4zYVvWXshb4c9Qc80CXzMPZ3RThu"
    "XnBVP3eqj7HfCpsCb4vYVcbnRaW3F5/3fFMKaQ3bWRqE3aVDIpWCZy2ZEM4iye9/esf8qh"
    "X2aM57b2vZQSvmczyk4qt7JZSIFKyPX2Df5H5/IFaXgl1BXVdYVVcBw/QWuOQAxbwyI64J"
    "Xu+iut7Az67iFYVL8odidRGFXXYJp0YhwmnFBlWB2jMHulWjil+jhP/V0XFY4fdJfTs5C5"
    "fD2yCoOtb0JXHVqUmgOrRapQrVSvzosVs+ZJhjMdqLEZ+CwVWcpZFXJHGsJ1oai21Fl+eV"
    "EkBD4NmfGtw8pZFYwCNC8fHRy4sCsD/NOBiU5lSP36ITPZjwMOTax8hreypowEZQaAKN25"
    "PF4tNNQj3Bj3cYLZxEVWBkdEzUpI4H8anSqcNb7UEt3JzrOsB8PUMmHryPz4VLbz1c2q2z"
    "VlvIu7ni5tZZn2Kv11lntVNMEyJuKbFFIm47FNxGiHo+a4KuLd05ZNcf17w0cxqzmhnJDq"
    "qr3VVPxVkJTcy+Ykzco6Pzsq6rW93VAbuVN/cyQLKSboGizb2c9zCb9nWZvPuwW93l7UmI"
    "295OvcNdL6yqZNEtQvu9DBgfi5+YjVK4gOegotRsz+Uj2E1IC4wiXA7oPOGT0gMK3t0eg2"
    "twP33/5vS7873PdZap1rHw8s4Sb51beNlkDo0MZiWcbx7TauI3oj3tElp9+jcSs6cu7xOk"
    "AkxKDIxZQzb1huGJ0JiSApmC6GxqbJMMqRBSRykt7KnMhiu1SX4CVs4Zb7g9R8e2Tb/3HB"
    "37hIg5R8c+xV6vQ8cahd84hjor1bmtGOsnD8EavNeXpRzJ0MKvqKg8HTn8JLo5CuNoyC1k"
    "pRy9sJpeSIXKPJBh6F54Zi9HMmRHVlOeYZMedCbcs8SDzoeDVnvQ2SjU+i60KY5ZFo8OSU"
    "CFJ6fEnFJzH+82xIMM7vaiN9tkecQWOHFRyksbZ0UHMtQ9osLhBPNo6lRaTR2VgmE14sFU"
    "OdfcuebdsTN21ElzrvlT7PU6rvksDKDGZlk3lyId3Gx7dFhn6/5h9db9w0JGSMd+FGF2oV"
    "PtcKFarq9Kl90dydXh/i0/Bbw672jFKeCPlHYUm+1M2lEX4eIiXB6bfHpAhMsmmafMhsXS"
    "/XrZDY2rNu3l9lLWO9gpFTCIx8TPZvaQeHsaSvkRTatFSokfxagP8yY8Y8C03bGnwGJlHr"
    "GXeoSJYbCYwbCLttpFtE96mx0yUnBNISfkRWd18vFEv4426SWUEVcESSmqbvAUTxmfa2ID"
    "njWb2QfAKZrgz/hwE7xvq9Z2v545C4bhQ0G/MY6ME1Yv8K0FYTTwOR6NIpihvSjSaXRM+Y"
    "MPnHJUlaOq2qNhd5S0cFTVU+z1OlRVZjIqdnz1kTwFwU7QVqt6diOH3Kdm9sbKNifrXPD2"
    "fGdVu9PAwip286oDHTNi90ob1bI+3d6pju30uh+VLl6jz93ERbzLP49z2mzYO28D9Gv2zR"
    "+4VyKVqKp0r0Q2kdWqvRKp9Fn1/G2Mulj6l3LGRBTyYLORgic5ZGZTggy1vTGb4cHHGIdB"
    "Xh0kURrgCPeIkrYacLx9wNbGasy57xNPlgd8bK/pEt/3Y7qX8UnsktSfzid2PvHu2cw76h"
    "05n/gp9nodn3ipkQudXh1akBHqhC/sdlY4j9ft5W+X1+VWOjux0pmkvS3xutIpcas9Lp4u"
    "VcvZir0bqInNMSydDBb5PKNTugDPaMoqM5Q2raR8ATQc/IcNdRT8bhKGBvIW3iggQ+r71h"
    "mzK6ivicCjIDF1qRizZTy9yV6KRw7Y5ctMnHymQi19rxdlGVUTOa9cj/y4F8tggegRnUvm"
    "XDJnnDuXzPX6Y0fUp3Rz7ZD6lIxzyGo4ZPGk1wDjlEgHIT48Pq6BMZRacbDjcelRS00wft"
    "hxpS1zcLd0cqbzO53f6fzOYoQt9BG83g8W9KpjMQqFeitjbW3x/jhbvpZPupTpESo8orhZ"
    "eouOosCa1b5x8CZ8PGFKJ/GlxsVjipnVuoo93eus/AEBrFlcsp9NZdhHVmg9x4U97ka1NZ"
    "wX1lvhDJrObeoRJEIddAZ21/i3Pt+DAk7WpzHPfDm8KdOS9sZKzThIitRShpbxMkEGRpJ5"
    "oLYkqptlxP2QCjIPuMaMFUZRmfskFJr7yXE9U3nLvHKduIE2Srk0W3k8BUZN4S9HqDlCbQ"
    "e16Y5SK45Qe4q9XodQS6nkBmo2K7VZV3k34mKLmDblHrJSjn5YTT9EaDkG4i4GIjusykmI"
    "EoXQKmDbGJ+dVYFtInfeSHEL5n0lr5O5v9JxGeZL3r17ei7Bt5AzH+6BF8ADwj2FaeVl4L"
    "HA8i/oSpjoAVyWx4V6EU4H0EwkMGVKUVzjjyOvx3SmSjZdb7Kl6lhtX0Y9bn5NuPNlHn+a"
    "cL7MU7JqnS/zFHu9ji9j9khaFV/s9js3Vy4F10Oz1+nng0118qNsrjQwRpMqGlCaiUZbya"
    "vku7Deve0N5RksY1XVRBGWVuAC7duj/ioC7a1J2sDMzEo5LqckiCQx+hthmkg5LufuUBJA"
    "q1WUQyu5nOywynAO70B7vLt4c7VXphFahWwbyZysDqwAtprNSVEsEaVQYn82OPDxOx6wof"
    "7F1tWh8ZzPOKQfiNOvNNB8yGd0cxb6Y6C0SXIwO7RK2MHC2KumBz1TNDYS6xGEGHwQCeyT"
    "U2K/M8+EXIEKWig88YISLadQE15M0i+A1xAlWWAJjWdSLKZJSjKht3BbVnCG22wcdzxdKw"
    "ZDC7n36x65BrAYv7U/DT0JV2b+oq8l/AyM5MiqZXLDFuoEW1uYO5bnNDIJZxnlZ0w/QO8P"
    "YbdgcYXvZDnQ+UQqhmeRwCNHB5MMWBy48ZowCuWhOTKXoe9BdUoT3Gm1iFuK40KIL+XNP8"
    "KZqRS572qiNP1MkUqNnGvHlD62ZeuY0qfDmTmm9Cn2eh2m9D4k6WPwo5sPRN4yRZoYBE2m"
    "t4yQIxNykKbMqiag5sQcrMWMpE35+4dS9jsE5EY4+9gdaDaMlzIPGMO7w8o3GMLM4/czbT"
    "KCbs2jPYZM0X6NfPh7dHJW0vVym3u5hFGoqyBLRN1cv3o9Jh/298Clg3y84W5CfOcaQslA"
    "a1NUaJorL6F9c1R6Nek7yxWsdaAOcv3IWMrl1jMucvTpiT0s2ZCehklF99tymBM5t9dvGJ"
    "sRrsuP4Fl3I4bBDQWW6Jso0ut4V7B1hbGthI41W+TgdtTwgC0kMrwmisLUYGWuoyTBhu7V"
    "MQO9Hx3/bI7ogUZvueIA93V8aA+8xjIV1hfKHLx2knqJeMcepjBmXoEXNofzjPHwn4TU5S"
    "KGsS6DG+9kdxTuYxu4jsJ9OmSeo3CfYq/XoXDTE1Ox3ytZ3LxYZ2JdH5hRIhc5mZqym7Hk"
    "ZdKdwXjLZPk01GUb0c6k9BkV5fgnMjnQByC0KdSTK9s1FM4uL3/OKKuzizzJ+OGXs/N3z5"
    "4bLQWFuK5AmgbDCb9tDHZazOHdAO/IwG8Id0rKod0AbccebT5EuqV59nYj4NxxcY/FxeXH"
    "8RogfgKR0vcMk94kvXkhBvLTXlkafXOjt4rSFFLzEZ7cbUZLUr5Bsq4vlDkXjEeJ6ckokF"
    "NDw9mjudMNEBmk7gwnkg8ZwQT3cbAp14T6PtZFFf7AFPoVsazbarw0ez+m4hcAZZS+H08G"
    "H2KsqbB5wuZcmYPVLHWJ3whRFKNaBwvzy+zaF/grqqiHKRnj48RNBGuU3/+vkDPdh8cLsC"
    "14UHIN32CgMaaWiTiWFhmK/0rBrt1B4463dAyW4y1drzvecgc4tbXxlvF8XAT1n+8v31ao"
    "z5RM/jPiQ03+Z5YaN4Vsah4bhNzXXKh9bPYxZi/EKPMFFQL68rF7uU8DK8gH9KUslya9kh"
    "N7UMfsTlDSRnqgPdxEGw6dXgc10cS9c+d9t/K877cpj3CvxGXO3O/V9Zzr+8x6AoDZQJjk"
    "sDh0H/GMtnJHd6VEqXeKQ+eEoKwckevoxdKPu3/1+6/n768jHxNdk8iRtd4nHYA73MMNmW"
    "TocwadeYIJ5npkCt+Iv3BOpnMynbvhnEzX6610Mk03Ffq7+mituHwnti1lj9Z6dbCiX2ML"
    "+9VB5cFaeCtrU2uuy5auV6AbC3QQ3sODOvhCqeqTyw4KCKN9UwS4euNdXH57+O49wty/kT"
    "13aC408c3j8o4tWbuvbgi+5vN0Ssxt4mrPnFxiirWGi2lvp7rzGNvEsmwteuFSDCRUAm/4"
    "vW++ngInkyvRW8XKyKRsfxQXrkXMYMyMiRLA1FYoagILBOaDMqv0Y6ZwA5W054axcWhOUB"
    "xLTEclTAxB6eas9VZdumHJoAU3o2bcLiVHxDiX3BExrtcfO9EULcs8Xk0VxOU7yBS8qEMU"
    "vKjmCV4UaIJ4sivgWxlFkZLoUhKvtcVQKM1mjZbqE4Ht8wE7vkr/oIXlTVje7zU1vsAK09"
    "sWqWt7q6R0k2N/8QQr+JWYyFVhvTjyTOhuJjNAIOdxkoIkR2vV4b/rbal0FZYKNWcYtnu2"
    "MNXgOeuYjtZ4AaZenSQ+IFPwVdHYxyrndNEDN2BIwWFLMtAG0mepOOOeSaNww2Y6WsRVN3"
    "w2Y96JOczdfJm2+jm+1Iwqhbl+QQVGxanC89uwUmVFzJ/4bDaLLvWmXCgrjQvNhPo4UVeu"
    "/X7MMByAqkuX4BwRZ5I6R8T1+uM7ItFM1MS2S4m41Z61r/ZEk3WxQ06DgC4qrO2lTK5Htt"
    "0V2N5jdAUuan78M797f2nINIIzJ+cgTW+7nc7um1gyL+tWJdszLxTNgdhQb2B8p0TcqmRr"
    "A+53Fk63yLvpRd78978GSIvrsx0FN6X8WpUA4JQFfDjZK+Hvoju9VbQdXZa5i6yrRnTN+w"
    "EqWfxSXVlC4Efd19qtMeth76v5ncr1ker1p+oFki4sQR0eH9cJVj0+rg5WxXs57wM+qgYI"
    "R8U7iO7zWqHAz1eEAj8vhgJXHsOxYlNv5TEcblWq1atSn/8fI3u/cA=="
)
