"""What an HTTP request says: the client's address, its token, its body."""

from starlette.requests import ClientDisconnect, HTTPConnection, Request

from models.errors import TooLarge, Unauthenticated


async def body_of(request: Request, limit: int) -> bytes:
    """The body, read no further than the limit; raises TooLarge."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"The body may have at most {limit} bytes.", limit=limit)
    except ClientDisconnect as error:
        raise TooLarge("The body did not arrive.", limit=limit) from error
    return bytes(body)


def address_of(connection: HTTPConnection) -> str:
    """The client's address, behind a trusted proxy as that tells it."""
    return connection.client.host if connection.client else "local"


def agent_of(connection: HTTPConnection) -> str:
    """The client's user agent, cut to what is worth keeping."""
    return connection.headers.get("user-agent", "")[:200]


def bearer_of(connection: HTTPConnection) -> str | None:
    """The bearer token (RFC 6750, section 2.1), None without one; raises Unauthenticated for another scheme."""
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("The Authorization header holds `Bearer <access token>`.")
    return token.strip()
