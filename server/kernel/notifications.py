"""Notifications about a socket itself: JSON-RPC notifications with flat params, on no topic and in no log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from server.kernel import protocol
from server.kernel.shapes import View


@dataclass(frozen=True)
class NotificationType:
    """One kind of notification.

    Attributes:
        name: The JSON-RPC method.
        params: The shape of its params.
        description: When it is sent.
    """

    name: str
    params: type[View]
    description: str

    def encode(self, params: Mapping[str, Any]) -> bytes:
        """Return the frame; raises ValueError where the members are not those of the declared shape."""
        if params.keys() != self.params.model_fields.keys():
            raise ValueError(f"{self.name} has the members {sorted(self.params.model_fields)}, not {sorted(params)}")
        return protocol.notification(self.name, orjson.dumps(params))
