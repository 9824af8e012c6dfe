"""The RPC surface, one module a domain; a method is one decorated function."""
