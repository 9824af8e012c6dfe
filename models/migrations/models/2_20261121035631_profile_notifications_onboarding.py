from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "onboarding_flow" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "name" VARCHAR(40) NOT NULL,
    "version" INT NOT NULL,
    "steps" JSONB NOT NULL,
    CONSTRAINT "chk_onboarding_flow_version" CHECK ("version" > 0),
    CONSTRAINT "uid_onboarding__name_9bd806" UNIQUE ("name", "version")
);
COMMENT ON TABLE "onboarding_flow" IS 'One version of a flow. It never changes: who has begun it goes on with it.';
CREATE TABLE "notification_inbox" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "unread_count" INT NOT NULL,
    "channels" JSONB NOT NULL,
    "quiet_hours" JSONB,
    "user_id" UUID NOT NULL UNIQUE REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "chk_notification_inbox_unread" CHECK ("unread_count" >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE "notification_inbox" IS 'One person''s. It is there from the first notification or the first choice on; without it all is as it comes.';
CREATE TABLE "notification" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "type" VARCHAR(80) NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "body" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "read_at" TIMESTAMPTZ,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "notification" IS 'One thing that somebody was told.';
CREATE TABLE "onboarding_state" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "answers" JSONB NOT NULL,
    "skipped" TEXT[] NOT NULL,
    "asked_roles" TEXT[] NOT NULL,
    "completed_at" TIMESTAMPTZ,
    "flow_id" UUID NOT NULL REFERENCES "onboarding_flow" ("id") ON DELETE RESTRICT,
    "user_id" UUID NOT NULL REFERENCES "user" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_onboarding__user_id_060b52" UNIQUE ("user_id", "flow_id")
);
COMMENT ON TABLE "onboarding_state" IS 'One person in one flow. It is there from the first step on; the person''s row is the lock.';
CREATE INDEX "idx_notification_user_id" ON "notification" ("user_id", "id");
CREATE INDEX "idx_notification_unread" ON "notification" ("user_id", "id") WHERE "read_at" IS NULL;
-- The defaults stay: processes of the version before go on opening accounts while this one is being rolled out.
ALTER TABLE "user"
    ADD "headline" VARCHAR(120),
    ADD "bio" TEXT,
    ADD "phone" VARCHAR(16),
    ADD "location" VARCHAR(100),
    ADD "timezone" VARCHAR(64) NOT NULL DEFAULT 'UTC',
    ADD "locale" VARCHAR(35) NOT NULL DEFAULT 'en',
    ADD "links" JSONB NOT NULL DEFAULT '[]',
    ADD "theme" VARCHAR(16) NOT NULL DEFAULT 'system',
    ADD "email_visible_to" VARCHAR(16) NOT NULL DEFAULT 'contacts',
    ADD "profile_visible_to" VARCHAR(16) NOT NULL DEFAULT 'everybody',
    ADD "presence_visible" BOOL NOT NULL DEFAULT true,
    ADD CONSTRAINT "chk_user_privacy" CHECK (
        "email_visible_to" IN ('nobody', 'contacts', 'everybody')
        AND "profile_visible_to" IN ('nobody', 'contacts', 'everybody')
    ),
    ADD CONSTRAINT "chk_user_theme" CHECK ("theme" IN ('system', 'light', 'dark'));"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "onboarding_state";
DROP TABLE "onboarding_flow";
DROP TABLE "notification";
DROP TABLE "notification_inbox";
ALTER TABLE "user"
    DROP CONSTRAINT "chk_user_theme",
    DROP CONSTRAINT "chk_user_privacy",
    DROP COLUMN "headline",
    DROP COLUMN "bio",
    DROP COLUMN "phone",
    DROP COLUMN "location",
    DROP COLUMN "timezone",
    DROP COLUMN "locale",
    DROP COLUMN "links",
    DROP COLUMN "theme",
    DROP COLUMN "email_visible_to",
    DROP COLUMN "profile_visible_to",
    DROP COLUMN "presence_visible";"""


MODELS_STATE = (
    "eJztXW1z2zYS/isYf2k6o/M4fklSp9MZJ3WvvjZxJ1Eu10s7MiRCEs4koBCQFV0v//12QZ"
    "Diq0zakkzJ6IfGIrEA+QBc7D5YLP7aC6THfLV/NvW4Phc6nO+dkr/2BA0Y/FFyt0P26GSy"
    "uIcXNO37pjjFcj2WFOwrHdKBhltD6isGlzymBiGfaC4FCnwcS+Jxj8zGVBMt4V8ZdMhQht"
    "GVgRQDFgpFuAeVcj3vkEAKBv+E0meKUOER6gVcqJdkFnKtmSAzrseR9Iwq4kHxfXwWTw7g"
    "YbgYba7ZP8Qf4kxDo/2pZur0D0HgP4BDhj3unZLumJGpYuFL8hZKm9YpGU2Z0qYB/K2hiJ"
    "orzQLCtWL+cD+pBACMqgiYHkvvG0Wwz+x9TcMR06cE3jMg8Vvx5MWY1yFqOhgTeNIrfITT"
    "77n3w5UV7jNomqGwfZnBmIoRysDflPzj/eVbIvv/YQNtrnBTKH6woYbazHMpeBx7n8PDyZ"
    "nphqngn6espyU835iF0Bmf/oTLXHjsC1Pxz8l1b8iZ72XGIvewAnO9p+cTc+3Dh4sffzIl"
    "sYv7vYH0p4FYlJ7MARyRFJ9OubePMnhvxAQLqWZeaniKqe/bwRxfip4YLuhwypJH9RYXPD"
    "akUx8H+d73w6kwXUNMS/i/4x/so6WK9XpvL7u99+fdXm+v8E3gI+TGq70EvYffExcagfrr"
    "a1TvAhBzdQ8beP3z2bsnR8++NRBIpUehuWng2vtqBKmmkagBfYEy1UWUfwSUNA9YOdKRRA"
    "5pz4rsx3/cBfH4wgLyhRqJwYzh2izA3Ys35++7Z29+w+oDpT77Bqez7jneOTRX57mrT6L+"
    "kKARI22ZVEI+XnR/JviT/Pvy7Xm+15Jy3X/v4TPRqZY9+KB61EtjEl+OL0HRVLdatdPkE0"
    "rL3ONDsp/JFvTqrZ9NBk9st4Dm6zENK9G0Ejks4eG28OPYC+iXns/ESI/h54uDJbD+8+yd"
    "QfbFQe4DeGvvHJpbWYCjKawJwAuJOwHcsmGaxffpYR2AoVQlwuZeFuJooi9C3GVfdDnEC4"
    "ldgHiZfj//Vzej2mMgn7w5+9e3GfX+6+Xbv8fFU8C//vXyVV5noHHUBO5EwKF9B7Q9D9S3"
    "aqSiFyI7qKOfHddQIc+OKzUI3spCHLLP6K6UmhXVKGeldhDoo2c1gD7KW4MLoPHW16/oBw"
    "2vUzY6XujTwfWMhl6vcEceyqqyxVvBYZC/QgUdGeDwDfH5rev/IxuyMGRel6rrvRJqIHO/"
    "s4wc8GzJno6L1qAHwAWl4LYGAXrZnvkLneMZBeQjL9s4m6GcoZeJ/jKoPT1+af6EsTFlhA"
    "vyjnlwVwp/TgJ6zYxTOqRKlzEDa26xnBQIRyrymhEb8OXhwjRg2OLC56ZhSOexnw3PFkzA"
    "w/8ZHkMOkYDg1ln3KXhb3kt48KnAF0CGAyo218Htl/DLvOJMhtcsjH55HJ7QCMAbSWkb8R"
    "lVhgeQ7AZKhlNhXmMsYdyAHL69vIaWQYz75MoU75kfVy+jVzekCIgEdG4eAkHrMwJDg8Gj"
    "2WaGlPswKii8zXsGLzFevMyI32D9k5d4QWk6V7YxJQPWl96c+FJeK8cstMdFqmYWzL8N5o"
    "m4/A7OEKt3l1CDNDItbfmdAHfTpqUHeqY5T7aQclxZu7myaHIt9u+FqPqaFhK5vgV81tWb"
    "B+tSVSN8gr8dPj1+fvzi6NnxCyhinjK58nxJb1+87ea+FmMXNJlgEwFHOpYgGVlYTZVPTn"
    "QFGmh7EN46BZRYxE17OSPo+rjNfQyusGxEBiYCjgxsbrENQobY3OGTyko6y611H1VLeLLz"
    "Gyb0XglBFt3oLGPGWFLkVkbsUjDiyxE8AjFS++QXNidPtJzwQYco9vlbEzyCZIsZT0QKcv"
    "WFe1fkCRUE/ngBBUJGAuox0o9YmYCPYLxCA0U6bP3N3YO2MU/RaIUwFliN13s7bbON64PV"
    "BA50dxHtV3xU6RZZgc25ROvEO/KKvjs8PDp6fnhw9OzFyfHz5ycvDhL3qHhrmZ/06uLv6C"
    "pleqPoOznObJ2cmQt12hUjIBPWMG9iVkelnU19BxYU5okmSMfld0I3bQLslli2Fx4LJlIz"
    "MZi/YwMZZo2wykJLLV6+KN4LF+VvNX/Nyiub+PN4FTNenh3RmziE+hosVDmEPzCyOYrqPj"
    "wmYzkNlTVf8UaPex0s+i2u4ta0hjfe+j2MY9tKE941JeJWN5uubkJnNjHUbPGd0IXrDjOK"
    "djg0QXchsYMAr94QntCQBqo3pmpc5uAJGs7Lcc4J5sDuzzVTWwj3Mq8NZ+b03A6ovrp4e/"
    "bu9/LJPS6fViavfu+enxUi6WBWaWJMJQLOcnVssHME40ttsZl/laPziRyMy0zl5N5SC9mX"
    "ox5LitUyjJWWIfMIKGWNJiiak6aGU4L7C0M564D1KtgMgwIxstyUQIOmTxUz8XYAflTHMJ"
    "SBsW8n83IzeI1trTiQr5KdLLV070hOPiwVvJKAjWrT9ob600YsZCKwg9bXTgV3/8ZCLj0+"
    "+CjD0uDuzP2l6mpiS/ZmcdEawd1MoMMM3YoqJK7BBCajW+xNGRFgAL3E7dkmAtmXg2uVBB"
    "KbWGuMSC6L4l5l1fdQSA/L37dogWpVTku1lnJBmc6YW4+W7Jpl4xL12I3Xk6v1YrLkXM+E"
    "GzNqNBYaUUb0G4Xr7/vkQqv0lhNUV2QKowpzO/DBGJfip0wMQK1Ngz4LlVl1N9snyu23dT"
    "XkdKVbzG+/YtzcYn5LVNgHZb7FggYz15cqsGlc4lb9dYZ2lpICt68NzGayouopKVO6IY4F"
    "lPvRjji7KTdKJaOInAn0JgF+D353cLuYiS/iPhlJFuehMfK9ARVS8AH1bTKbaCceFUmd0X"
    "jsmBim/txquAmTE9+EPREubH0TqhQYj56hOk8XCXvAfIx2ug1kAFVjHTRa/xFETrXiHkuS"
    "CJFJKG/gR2jrNLmETsmFMIoWKof3sq409Sdj2mfweiY9zxVcmOHmNxpIMcISwaPb8tabag"
    "4DFnCeUG1WiJ5v2QoRTrk+F43muLTMLjC9m8hqwWUTIt0W3wVwN02jTwCxRqM5EdgFtHND"
    "uQ4t9LSaFnr6LD+OwfKmTXMMpWV2EOODWuriYIm6OCjmGQLX/r8Nx3FaZnMU596H7ut1zX"
    "jrXsLHgek3wnghsUGEmdgMwEcndUjkk2oS+aQAMBfXJRvAMXFEBb6xQJ734gNN/kd8rtbm"
    "2KUsu/6U+5oLtY/tPYQ9hwAtnxjzc2DO8MMK8hMjGujNFEossMGxHuUV3cx4X/3sGDl4N1"
    "xxwAA8oCZol8luEHhASoMjrbYVenBjhxyAuxv45dKb1PE3LJxj7pjtxZ8pZGBjCEtoPCl9"
    "RkVVBxTF84FbIL8u/GM/f8NxW5eXv2bU/KuLvIPz4c2rc+gJ0xFQiOsUi+eCh+qNfHhB71"
    "L4c9vPW7L+ZIfk0k0l04l3x17PSrpeb0uvl6w62qfPWRmNTYvNTmgbc78PT+q4hVCqci4z"
    "98rsuISob27GZUR3bilwLZjjkkLTxda0zO4xS0d1iKWjal7pqEArxXjdbWiXS68E9xYN7u"
    "/qoP5dNerflWxkSC3TNfJK8oK7N8YPa7Gnh0vY08MiezqEhntNdUlGaAcnypM6QJ9U43xS"
    "gNksFRchPsOMsBX7Q2KJHL4b4vVseEG8xo/6TO1/79Og79EfHoLnwxWtT3/mYFWa6mmjDO"
    "ELiQ0yFnhyxA3bVrrCsm0s5FDlXRyo0gpccrP2uE1Fbxl7oSeHvT4Pdck8jP1dEY6bF1zW"
    "zzvVx9hvhU2BN0XsKuPzbOnNxec9XZdCWsF2lgZhd+mQSKXgWUsmhFdW8qdf3jG/aoXdzn"
    "nvo1q20Ir5Gg+p+Kr9gL6uMzIxhqskODGFZHV8okoVqpU9zWM3fMAwUZkNaI5TyXMVpzrj"
    "FZnQ6omWBjRGootD/wigIfAAPQ22ktJoneM5e/j4aCrZKMYvEw5a2aTG/2jT4jPhYdyij+"
    "GL0dF6IRtCoTE0Hh3PEx8RMNVjDDwcWPbRVoHhhbG3k8qx71OlUycgRqcdcHM4Yh+TXgyY"
    "uPdmGBdzuPGYQ7dYUT3NbCdt7RYrHmOv11msiKaYJt7sQmKD3uxm/Ni1sF180gTdqPTOIb"
    "v64MCFmdOYGshI7qC62l71VJyV0MTsKcbEHTo6L+u6utVdHbIbeX0nAyQr6Vi+Nvdy3sNs"
    "2tdl8u7DbnWXtyerZHs79RZ3vUBNZtEtQvuTDBkfiV9YtNR3Ac9BRanZntvUu52QFuhHuB"
    "zSWcInpQcUvHt0lqTB/ez967Mfz/e+1uF6zcmV92R630XEWxer2iG810r3ZjAr4XzzmFYT"
    "v5b27OmkaC3614pFR5fuE6QCzL5yDPxANvWa4bGquK8bmQJ7wCu2SQZUCKntvvDoaFPDlU"
    "aZMkJWzhmvuT1Hx7ZNv3ccHfuIiDlHxz7GXq9DxxqF3zgQMSu1c/HMqycPwRq805elHMnQ"
    "wq+oqDwdOfwoutmGcTTkFrJSjl5YTi+kQmXuyTDsXoxTJ0cyZEdWU55hnR70K0zJuFfiOk"
    "c3Ost85n5SpJavHOVqQ1eVGElM5g0uKfiZ8FSM4x/opZJZyDWmkYwSmZnL5qTpJEApkDfM"
    "K/eP19BGiU/8KXr1hDiyTeGvP52/7Pzl7VNkW+o5OX/5MfZ6HX85pZIbqNms1HotwE26zf"
    "fRp3lMm67YZaWcVb3cqrZouXW720zq7LAqN6lLFEKrgH0AFVATV6+FrsprKW7AvKe6YoNH"
    "5v5Sx2WQL3l7Nv2ZtJmcO+gy8JBwT+FCmkm03EmOrTcbVM35RFSTOKd9JBCADwgvpszam5"
    "xqMqITVZJOf50tlfoyZgXcl7bHza8xd77Mw08Tzpd5TFat82UeY6/X8WVMuHKk4ovdvuyQ"
    "jZzg5jbzHqyrkzd20kYBfzupogGlmSj5/qqTwlfJ70JWmFuSZGS+sFVkic9gGauqxrH/+Q"
    "rcom171F9FmHBkkjYwM7NSjsspZhRbGP2NME2kHJdzewA2oNUqyqGVXE52WGU4h3egPd5d"
    "vO7ulWmEViHbRjInqwMrgK0T4B5TCiX2Z4MQ9x95yAb6TVTXDo3nXOwJ1ffE6Tcaaj7gE7"
    "qVx+E9yE6A7NAqYQcLY6+aHvRM0dhIrEcQYvCBFdgnZyT6zjxzICaooLk5cI4SLQOoCS/G"
    "1JwGr6FDVBSIENN4eOIbSZOUZExv4Las4Aw32Tjmo7lSDM/wBLVy1SFXmM6F30Q/DT0JVy"
    "b+vKfllTnOEySHkVom12yuTrG1ubljz8ZDmYSztGfWpR+g84eIMuRwhe8UcaCzsVRR8hsV"
    "720wqWVM4MZLwiiUh+bITE59D6pTmphc/XFLcVwI8aW8/tt0YipF7ruaKE0/k1Wp1rl2TO"
    "lDW7aOKX08nJljSh9jr9dhSu9Ckj4EP7rO3n0QijQxCJpMbxkhRyYU8nUmZlUTUHNiDtb8"
    "gTvN+fv7UvZbBORaOPvYHWg2jBcy9xjD28PKNxjCzON3M20ygm7Noz2GTNF+tT78HTo5K+"
    "l6uc29XMIo1FWQJaJurl++HpMP+7vn0kE+3nA7Ib51DaFkoLUpKjTNlZfQvjkqvZr0neQK"
    "3h4SOmYEuX5kLOVi6xkXOfr0NMqzYkhPw6Si+x1xmGM5i65fMzYhXJdEg66hEcPgTgWW6J"
    "ko0iubBMZSwNhWQseaLXJw2zbcZ3OJDK+JojA1RDJXURxqRPfqmIHeJx9tihm4CI3aM0Kv"
    "7BV8DZNA3NT9jTLHRJ+mXiLesScn8Gl5BV4Y6gjJCOqhCanLRQxjXQY3zv/kKNyHNnAdhf"
    "t4yDxH4T7GXq9D4aYnpmK/V7K4ebGdiXW918E1hcjJ1JTdjCUvk94ZjDdMlgdTXbYRbek5"
    "64nMBg9XT65s7enqNByM+U1jsNNiDu8GeFsDvyHcKSmHdgO0HXu0/hDplman3o6Ac8fFPR"
    "QXlx/HK4D4EURK3zFMep305oXoyy97JcRmdKOzjNIUUvMhnodgRktSvkGyrm/UPrlY5Igm"
    "w1AGhoYb8lBpkm6AyDB1ZzCW0dmGL5NgU64J9X2si5qzAAcyYBWxrJtqvPRsxcGYCgFQnk"
    "bkJR5qOMBYUxHlCZtxxZDsjKhL/EaIohjV2p+bX2bXvsBftqIOmY0NBWlzi0lhj1T8POVM"
    "9+DxQmwLE3JfwTcYaoypZSKOpUWG4r9SsCuXoNvxlo7Bcryl63XHW24Bp7Yy3jKej4ug/u"
    "P95dsK9ZmSyX9GfKDJ/8xS47qQTc1j/Sn3NRdqH5t9iNkLMcp8QYWAvnzsXu7TwAryAX0p"
    "y6VJr+TE7tUx2xOUtJYeaA838aDHAayQmmji3t3mW4MP05XwvzV71m2AfsXna93LV36b8g"
    "j3SlzmzP1OXc+5vs+sxwBYFAijwL/sS29u3Ect/Yp01UslSr1THDqnBGXlkFzZF0s/7n73"
    "99/O319ZHxNdE+vIRt4n7YM73MENmWTgcwadeYoJ5jokgG/Enzsn0zmZzt1wTqbr9VY6ma"
    "abCv295PwnW34nti1lz356cbCkX2ML+8VB5dlPeCtrU2uuy5aul6AbC+wgvIcHdfCFUpUA"
    "m3u5BOJg3xQBrt54F5ffHL57DzD3r2XPHZoLTXzzuLxjS1buqxuC7y5n11O3iat9c3KJKd"
    "YaLqa9nepOMW8Ty7Kx6IVL0ZdQCbzhT775egqcTK5EZxkrI5OyvWFcuBYxgzEzJkoAU1uh"
    "qAksEJgPyqzSj5iKDs0254ax0RR3EZGRxHRU9qzsss1Zq626dMOSQQtu2mbcLiVHxDiX3B"
    "ExrtcfOtEULcs8Xk0VxOV3kCk4rkMUHFfzBMcFmiCe7Ar4VkZRpCR2KYnXymIolGaTRkv1"
    "icDm+YAtX6W/18LyOizv95oaX2CJ6R0VqWt7q6R0k2N/8QQr+JWYyFVhvTjyTOhuJjNAKG"
    "dxkoIkR2vV4b+rbal0FZYKNWMYtvtqbqrZJ12TjtZ4AaZenSQ+IAH4qmjsY5UzOu+AGzCg"
    "4LAlGWhD6bNUnHHHpFG4ZhNtF3HVNZ9MmHdKTDYI/DKj6mf4UhOqFOb6BRVoi1OF57dhpS"
    "oSMX/is0VZdKkXcKEiaVxoJtTHibpy7fdThuEAVF26BOeIOJPUOSKu1x/eEbEzURPbLiXi"
    "VntWvtpjJ+tih5yFIZ1XWNsLmVyPbLorsL2H6Apc1Pz0Z373/sKQaQRnTs5Bmt52G0zuml"
    "gyL+tWJdszLxTNgdhQb2B8p0TcqmRrA+63Fk63yLvuRd78978CSIvrszsKbkr5tSoBwBkL"
    "+WC8V8Lf2TudZbQdXZS5jayrRnTF+wEqWfxSXVlC4Nvua+3WmNWw99X8TuX6SPX6U/UCyS"
    "4sQR2enNQJVj05qQ5WxXs57wM+qgYI2+I7iO7TWqHAT5eEAj8thgJXHsOxZFNv5TEcblWq"
    "1atSX/8P57p+LA=="
)
