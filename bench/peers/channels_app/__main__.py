"""Starts the peer: `python -m channels_app --port …`."""

from serving import arguments, serve

from channels_app.setup import configure, prepare_table


def main() -> None:
    """Set up Django, make the table where there is a database, and serve."""
    options = arguments()
    configure(options)
    if options.database:
        prepare_table(*map(int, options.seed.split("x")))
    serve(make_app(), options.port)


def make_app() -> object:
    """Return the routes; the consumers can be imported only after the set-up."""
    from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: PLC0415
    from django.urls import path  # noqa: PLC0415

    from channels_app.consumers import Echo, FanOut, Person  # noqa: PLC0415

    routes = [
        path("echo", Echo.as_asgi()),
        path("fan-out", FanOut.as_asgi()),
        path("person/<int:person_id>", Person.as_asgi()),
    ]
    return ProtocolTypeRouter({"websocket": URLRouter(routes)})


if __name__ == "__main__":
    main()
