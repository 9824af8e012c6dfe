from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE "audit_entry" (
    "id" UUID NOT NULL PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    "actor_id" UUID,
    "action" VARCHAR(80) NOT NULL,
    "target" VARCHAR(120),
    "before" TEXT,
    "after" TEXT,
    "address" VARCHAR(64) NOT NULL,
    "request_id" VARCHAR(36) NOT NULL
);
CREATE INDEX "idx_audit_entry_actor_id" ON "audit_entry" ("actor_id", "id");
CREATE INDEX "idx_audit_entry_target" ON "audit_entry" ("target", "id");
CREATE INDEX "idx_audit_entry_action" ON "audit_entry" ("action", "id");
COMMENT ON TABLE "audit_entry" IS 'Who did what to whom, for what concerns identity, money, roles and admins; written with what was done.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE "audit_entry";"""


MODELS_STATE = (
    "eJztXWtz27YS/SsYf2kyo3piO87D6XTGTtzWbWJ3HOWmj3RkiIQkXJOEQoBWNL3+73cXAC"
    "k+ZdG2ZEpmPzQWgAXAA3C5e7AA/t3yhcs8uX0YuVwdByqcbh2Qf7cC6jP4oyS3Q7boeDzL"
    "wwRF+54uTrFcjyUF+1KF1FGQNaCeZJDkMumEfKy4CFDg80gQl7tkMqKKKAH/Cr9DBiI0KY"
    "4IHBYGknAXKuVq2iG+CBj8EwqPSUIDl1DX54F8QyYhV4oFZMLVyEhPqCQuFN/GvrjCgc7w"
    "YLi6Zr8EX4JDBY32I8XkwZeAwH8Ahwh73D0g3REjkWThG3IKpXXrlAwjJpVuAH8rKCKnUj"
    "GfcCWZN9hOKgEATRU+UyPhficJjpnNVzQcMnVA4Dl9Ej8VTx6MuR0iI2dEoKcX2IWDH7j7"
    "44UV7jNomqGwfRhnRIMhysDflPz68eyUiP5/maN0CteF4o4NFNSm+yWhOzafQ+fERA9DFP"
    "CvEespAf0bsRAG4+9/IJkHLvvGZPxzfNkbcOa5mbnIXaxAp/fUdKzTPn06efeTLolD3O85"
    "wov8YFZ6PAVwgqR4FHF3G2Uwb8gCFlLF3NT0DCLPs5M5TjI9hgQVRizpqjtLcNmARh5O8q"
    "0fBlGgh4bolvB/z3+0XUsV6/VOz7q9j8fdXm+r8E5gF3Lz1SbB6OH7xAOFQP17beqdAaJT"
    "t7CBt78cnj/Ze/FUQyCkGoY6U8O1da0FqaJGVIM+Q5mqIsrvACXFfVaOtJHIIe1ake34j9"
    "sgHifMIJ+pkRjMGK7VAtw9+XD8sXv44Xes3pfyq6dxOuweY86uTp3mUp+Y8RCgEY22TCoh"
    "n0+6vxD8Sf46Oz3Oj1pSrvvXFvaJRkr04IXqUTeNSZwcJ0HR1LBatVPnFUrL3OFFsq/JGo"
    "zqja9NBk9st4Dm2xENK9G0EjksoXNr+HJs+fRbz2PBUI3g56tnc2D9z+G5RvbVs9wLcGpz"
    "dnVWFmDzCasD8EziVgA3bJpm8d3ZXQRgKFWJsM7LQmw+9EWIu+ybKod4JrEJEM/T78d/dD"
    "OqPQbyyYfDP55m1Pv7s9Of4+Ip4N++PzvK6ww0jurAnQi0aN8CbdcF9S1rqeiZyAbq6BfP"
    "F1AhL55XahDMykIcsq/orpSaFdUoZ6U2EOi9FwsAvZe3BmdAY9b1NfpBg8uUjY4JfepcTm"
    "jo9go5YldUlS1m+bt+PoUGdKiBwyfE/lvX/x0bsDBkbpfKy60SaiCT35lHDri2ZE/FRReg"
    "B8AFpeC2+j562a7+C53jCQXkjZetnc1QTNDLRH8Z1J4avdF/wtyIGOEBOWcu5IrAmxKfXj"
    "LtlA6oVGXMwJJbLCcFwqE0XjNiA748JEQ+wxZnPjcNQzqN/Wzomz8GD/8X6IYYIAHBrbPu"
    "UfC23DfQ8SjAB0CGAyrW6eD2C/ilH3EiwksWml8uhx5qAXgiIWwjHqNS8wCCXUHJMAr0Y4"
    "wEzBuQw6cXl9AyiHGPXOjiPf3j4o15dE2KgIhPp7oTCFqfEZgaDLpmmxlQ7sGsoPA0Hxk8"
    "xGj2MEN+hfWP32CCVHQqbWNS+Kwv3CnxhLiULbPQHBepmlnQ/9b4TsTlN/ALcf/uEmqQWq"
    "alLb8R4K7atHRBz9TnyWZSLVfWbK7MfFyL43sSVL1NM4nc2AI+yxrNZ8tSVUPswfe7O89f"
    "Pn+19+L5Kyiie5mkvJwz2ien3dzbou2COh/YRKAlHUuQNBZWXeWTE70HDbQ+CK+dAkos4r"
    "qjnBFsx7jJYwyusKhFBiYCLRlY32JzQobY3OKVykq2llvjXqqG8GTHVyxQWyUEmcnozGPG"
    "WFLkRkbsLGDEE0PoAtFS2+Q3NiVPlBhzp0Mk+/pUB48g2aLnExEBufjG3QvyhAYE/ngFBU"
    "JGfOoy0jesjM+HMF+hgSIdtvzm7kDb6F7UWiGMBe7H672ZtlnH9cFqAgeGu4j2ER9WukVW"
    "YHUu0TLxNl7R693dvb2Xu8/2Xrzaf/7y5f6rZ4l7VMya5ycdnfyMrlJmNIq+U8uZLZMza0"
    "OdNsUIyIQ1TOuY1aZ0a1PfggWF70QdpOPyG6GbVgF2QyzbE5f5Y6FY4EzPmSPCrBFWWWiu"
    "xctnxXvhrPyN5q9eeWVjbxqvYsbLs0N6FYdQX4KFKgbwB0Y2m6ju3edkJKJQWvMVM3rc7W"
    "DRp7iKu6A1vPLW72Ac21bq8K4pkXZ1s+7qJgxmHUPNFt8IXbjsMCOzw6EOujOJDQT4/g3h"
    "MQ2pL3sjKkdlDl5Aw2k5zjnBHNj9qWJyDeGe57Xhlzn9bQdUj05OD8//LP+4x+XTyuToz+"
    "7xYSGSDr4qdYypRKC1XFs2uHUE46Sm2MzvxfB4LJxRmamc5M21kD0x7LGk2EKGsVQiZC4B"
    "pazQBEVzUtdwQHB/YSgmHbBeAzbBoECMLNcl0KDpU8l0vB2Ab+oYhMLX9u14Wm4GL7Gtew"
    "7kq2QnSy3dW5KTD0sF30vARrVpe0W9qBYLmQhsoPW1UcHdv7OQC5c7n0VYGtydyZ+rrsa2"
    "ZG8SF10guJsF6DDDsKIKiWvQgcnoFrsRIwEYQG9we7aOQPaEcymTQGIda40RyWVR3PdZ9R"
    "0U0sPy9w1aoLovp6VaS7VBma0xtxwt2dXLxiXqsRuvJ1frxWTJeTETbsSo1lhoRGnR7ySu"
    "v2+TEyXTW05QXZEIZhWe7cCdES7FRyxwQK1Ffp+FUq+66+0T5fbbshpqdWW7mN98xbi6xf"
    "yGqLBPUr+LBQ2m0+cqsCgucaP+OkQ7S4oAt685ejNZUfWUlCndEMd8yj2zI85uyjVHyUgi"
    "JgF6kwC/C787uF1MxxdxjwwFi8+h0fI9hwYi4A717GE2ZiceDZI6zXzs6Bim/tRquDETY0"
    "+HPREe2PrGVEowHl1NdR7MDuwB89HsdHOED1VjHdSs/wREREpylyWHCJFxKK7gR2jr1GcJ"
    "HZCTQCtaqByey7rS1BuPaJ/B4+njeS4gYYKb36gvgiGW8B/dlrdepDhMWMB5TJVeIXq5Zi"
    "tELetYrY/hAd0zeI/sRFgTw9XO2bnRKNHYveWoZyXbUW/KqJe4K7b3qeh+/P7UMWYTgQ2k"
    "zHb3F1kShlKV9qzOuy4iPPvC18Y6K7pxPsRSMEdbpK6XlpbZhLXKHBu8iKe2V+2o7RXW4m"
    "O8bje1y6XvBfcGTe7Xi6D+uhr11yURECn7vg7gBcHNm+O7zxaBG0pVq5JnBcAH0HCvri7J"
    "CG3gh3J/EaD3q3HeL8CsfcwixId4lExFYEkskcPX43JpTE/K1bO8REwOoD6T2z941O+79M"
    "eHcPgwouTvf3KwSkVVVOtosZnE6uatPnLyii0LtBxpuci66E71uujOi3IL74qFHKq8jQNV"
    "WkG7K7o5blPRW8ZR6IlBr89DVfIdxvGu3FyQFZw3zhs1xjhuhWjCqyJ2lcS+Lb06Yn9nWQ"
    "rpHuJgavD16bUUKaGvJR+EIyv502/nzKMVBwDbb95HU8saWjHX8ZSKU+0LdL3MJY0YrpJV"
    "jRSS1QsbMlVooW3XLrviDsMdznYlND6Djst4jzSv2EK9mGjpSogRnd0WQACNAE/eV2ArSY"
    "XWOR7Qj91HU8kuf3wbc9DK+ky9z/Y8PRa4uODh4bqHOZM/ZAMoNILGzbm+8dmCkRrhioVj"
    "2UdbBa5LxN5O6nA+j0qVujrBHJPI9a0Kfdwt47DgzlE07WJFu1jRHG23prR1u1jxGEd9kc"
    "UK84mp483OJFboza7Gj10K28XHddA1pTcO2fvfGDgzc2pTAxnJDVRX66ueil8lNDF7krHg"
    "FgOdl22HutFDHbIrcXkrAyQr2bJ8TR7lvIdZd6zL5NsXu9FD3pzjKJo7qDe46wVqMotuEd"
    "qfRMj4MPiNmaW+E+gHDUrN9lw08HpCWqAfITmkk4RPSk8oeHZzCYXG/fDj28N3x1vXi3C9"
    "+sqLOzK954Z462JVG4T3UuneDGYlnG8e02ri19KePZUUXYj+tWLmzpNtglSADkjHwA9kUy"
    "8Z3seCAeHIFNibYbBN4tAgEMoGlKcuijVbbMKS+2lX0F5LxzZNv3daOvYREXMtHfsYR30R"
    "OlYr/NqBiFmpjYtnvn/yEKzBW71ZsiUZGvgWFZVnSw4/imG2YRw1uYWsVEsvzKcXUqEyd2"
    "QYNi/GqZMjGbIzqy7PsEwP+gjPctgqcZ1NRmeez9xPiizkK5tN3uiqEi2Jp4CBSwp+JvSK"
    "cfwDvVQyCbnC8yfMDmidbO73jAOUfHHF3HL/eAltlPjEf5tHT4gj2xT++qf1l1t/ef0U2Z"
    "p6Tq2//BhHfRF/OaWSa6jZrNRyLcBVus130ad5TOuu2GWlWqt6vlVt0WrX7W4yqbPTqtyk"
    "LlEIjQL2AVTAgri6DXRV3orgCsx7qio2eGTy5zouTr7kzcfwTYQ9AqqDLgMPCXclLqTpE5"
    "o6yX13eoOqPtiYKhIfhmcEfPAB4cGkXnsTkSJDOpYl5/Ats6VSX0avgHvCjrj+NeKtL/Pw"
    "n4nWl3lMVm3ryzzGUV/El9HhykbFF4d93umcOcHVbeZ9tqxBfpD7NjWM9qOKBpSyF/NmB6"
    "L6WpYq+U04FeaGQzIyb9h93NKSwTJWVbVj//MVtIu2zVF/FWHCxiStYWZmpVoup3ii2Mzo"
    "r4VpItVyOTcHYANajaIcGsnlZKdVhnM4B+1xfvK2u1WmERqFbBPJnKwOrAB2kQD3mFIosT"
    "9rhLi/4yFz1AdT1wbN51zsCVV3xOl3Giru8DFdy3P0H2QnQHZqlbCDhblXTQ+6umhsJC5G"
    "EGLwgRXYJofEvGeuvkkDVNBUn1RPiRI+1ISJMTWnwGvoEGkCEWIaT18VnCYpyQjvEg5EBW"
    "e4ysbxPJoLyfDyD1ArFx1ygce58CvzU9OTF/oeyp4SF/oeEJAcGLWMlxvLA2xtqnPsofoo"
    "k3CW9rD7dAc6XwJzQg6X+EyGA52MhDSH38h4b4M+WkYHbrwhjEJ5vHZ5IiLPheqkInin0z"
    "RuKY4LIZ4Ql99HY10pct/VRGm6T1alWue6ZUof2rJtmdLHw5m1TOljHPVFmNLbkKQPwY8u"
    "c3QfhCJNDII6n7eMUEsmFM7rTMyqOqDmxFpY89d81+fv70rZrxGQS+HsY3eg3jSeydxhDq"
    "8PK19jCjOX3860yQi2ax7NMWSK9qv14W9zeW1Gsh3lJo9yCaOwqIIsEW2/9fPXY/Jhf3dc"
    "OsjHG64nxDeuIZRMtCZFhaa58hLaN0elz7mrPldwoZuZkeuPL0y2W894kKNPD8w5K5r01E"
    "wqut+GwxyJiUm/ZGxcemf9MhrRDG4UYImejiK9iO91Nq4wtpXQsXqLHGTbhvtsKpDh1VEU"
    "ugYjc2HiUA3dq2IGetvcsArikAiNXnHJAe4Lm4KPoQ8Qj29/xetkDlIPEe/YE2N4tdwCLw"
    "x1hGQI9dCE1OVBDOOiDG58/lNL4T60gdtSuI+HzGsp3Mc46otQuOkPU3HcK1ncvNjGxLre"
    "6eKaQuRk6pNdjyUvk94YjFdMlvuRKtuIdiSEx2hQjn8ikwO9D0LLQj1JWa2hcHR29j6jrI"
    "5O8iTjpw9Hx+dPdrSWgkJcVSBNQ2fEr2qDnRZr8a6BtzXwa8KdkmrRroF2yx4tP0S6oadT"
    "r0fAecvFPRQXl5/H9wDxI4iUvmWY9DLpzUMWcme0VcJs2pzOPFKTzsrcxGdWI3rPh0JXuh"
    "ilerPEqbDDdzeObPkROHd03KrZMNQApVqz+hzYlMhGRDDkbufa358DaHI71/5+9e1cmJdz"
    "Hca1rueyxTcQ3Z2F7j7bmXP32U7x7rPKKJxfP56d1o3CcbmjyP/IMi+jfxjzCsHI+AqFaJ"
    "x84E3ODsMKjupdYHz/H7Pr/wN+68gP"
)
