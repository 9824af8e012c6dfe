"""The framework: registry, dispatch, unit of work, log. It knows no domain, no Starlette and no socket."""
