"""The one error of an outside service that does not answer."""


class Away(Exception):
    """An outside service does not answer. Clients see `unavailable` (−32051), and may try again."""
