"""The machine-readable contract and the public keys of access tokens."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from server.kernel.dispatch import Dispatcher
from server.kernel.identity import Tokens


@dataclass(frozen=True)
class Contract:
    """Serves what client authors and their tools read."""

    dispatcher: Dispatcher
    tokens: Tokens

    def routes(self) -> list[BaseRoute]:
        """The OpenRPC document and the JSON Web Key Set."""
        return [Route("/openrpc.json", self.openrpc), Route("/.well-known/jwks.json", self.jwks)]

    async def openrpc(self, _request: Request) -> Response:
        """The machine-readable contract."""
        return Response(self.dispatcher.services.describe(), media_type="application/json")

    async def jwks(self, _request: Request) -> Response:
        """The public keys that access tokens are signed with."""
        return JSONResponse(self.tokens.jwks(), headers={"Cache-Control": "public, max-age=300"})
