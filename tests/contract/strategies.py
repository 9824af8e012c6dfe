"""Params out of the published schema: of the right shape, of nearly the right shape, and of any shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]
Values = st.SearchStrategy[Any]

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", " ", "\0", "a\0b", "\u202e", "\U0001f600", "%s", "'; --", "x" * 300]
)
INTEGERS = st.integers(-3, 200) | st.sampled_from([2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30])
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.sampled_from(
    ["2026-11-21T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-02-30T00:00:00Z"]
)

ANYTHING: Values = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
DEEP = st.sampled_from([10, 120, 127, 128, 199, 200, 201, 254, 255, 256, 1023, 1024, 1025, 5000]).map(
    lambda depth: "[" * depth + "]" * depth
)
"""JSON texts that are nested as deeply as parsers give up."""


class Builder:
    """Makes strategies out of JSON schemas."""

    def __init__(self, definitions: Mapping[str, Schema], ids: Sequence[str], topics: Sequence[str]) -> None:
        self._definitions = definitions
        self._ids = st.sampled_from(ids) | st.uuids().map(str)
        self._topics = st.sampled_from(topics) | TEXTS

    def params(self, method: Mapping[str, Any]) -> Values:
        """What a method of the document takes."""
        right = st.fixed_dictionaries(
            {one["name"]: self._named(one) for one in method["params"] if one["required"]},
            optional={one["name"]: self._named(one) for one in method["params"] if not one["required"]},
        )
        names = st.sampled_from([one["name"] for one in method["params"]] or ["x"]) | TEXTS
        nearly = st.builds(lambda params, name, value: {**params, name: value}, right, names, ANYTHING)
        return st.one_of(right, right, nearly, ANYTHING)

    def _named(self, param: Mapping[str, Any]) -> Values:
        if param["name"] == "as_of":
            return st.lists(self._topics, max_size=3)
        if param["name"] == "idempotency_key":
            return st.text("ab", min_size=15, max_size=17)
        if param["name"] == "topics":
            return self._topics_of(param["schema"])
        return self.of(param["schema"])

    def _topics_of(self, schema: Schema) -> Values:
        if schema["type"] == "array":
            return st.lists(self._topics, max_size=3)
        return st.dictionaries(self._topics, self.of(schema["additionalProperties"]), max_size=3)

    def of(self, schema: Schema) -> Values:
        """Values that fit a schema, or nearly: bounds are met in general, and passed by one at times."""
        if "$ref" in schema:
            return self.of(self._definitions[schema["$ref"].rsplit("/", 1)[1]])
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for name in ("anyOf", "oneOf"):
            if name in schema:
                return st.one_of([self.of(one) for one in schema[name]])
        make = getattr(self, f"_{schema.get('type', 'anything')}")
        strategy: Values = make(schema)
        return strategy

    def _anything(self, _schema: Schema) -> Values:
        return ANYTHING

    def _null(self, _schema: Schema) -> Values:
        return st.none()

    def _boolean(self, _schema: Schema) -> Values:
        return st.booleans()

    def _integer(self, schema: Schema) -> Values:
        least, most = schema.get("minimum", -10), schema.get("maximum", 2**63)
        return st.integers(least, min(most, least + 200)) | st.sampled_from([least - 1, most, most + 1])

    def _number(self, _schema: Schema) -> Values:
        return FLOATS | INTEGERS

    def _string(self, schema: Schema) -> Values:
        if schema.get("format") == "uuid":
            return self._ids
        if schema.get("format") in {"date-time", "date"}:
            return TIMES | TIMES.map(lambda text: text[:10])
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        texts = TEXTS.map(lambda text: text.ljust(least, "a"))
        return texts if most is None else texts | st.sampled_from(["y" * most, "z" * (most + 1), "\U0001f600" * most])

    def _array(self, schema: Schema) -> Values:
        most = min(schema.get("maxItems", 4), 4)
        return st.lists(self.of(schema.get("items", {})), min_size=schema.get("minItems", 0), max_size=most)

    def _object(self, schema: Schema) -> Values:
        if "properties" not in schema:
            inner = schema.get("additionalProperties", {})
            return st.dictionaries(TEXTS, self.of(inner if isinstance(inner, dict) else {}), max_size=3)
        required = schema.get("required", [])
        parts = {name: self.of(one) for name, one in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: parts[name] for name in required},
            optional={name: one for name, one in parts.items() if name not in required},
        )
